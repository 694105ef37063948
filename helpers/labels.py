"""Every word that a picture or a slider shows, in English and Chinese, under one key.

A Chinese edition needs no change of code: `style.apply("zh")` and every picture built afterwards speaks Chinese.
A key is "what.shows.it"; a text may hold {fields} for `say` to fill and $mathtext$.
"""

SHARED = {
    "pos": ("position $m$ (tokens)", "位置 $m$(词元)"),
    "pair": ("pair index $i$", "维度对索引 $i$"),
    "dim": ("dimension", "维度"),
    "distance": ("distance $m-n$ (tokens)", "相对距离 $m-n$(词元)"),
    "wavelength": ("wavelength $\\lambda_i$ (tokens)", "波长 $\\lambda_i$(词元)"),
    "theta": ("frequency $\\theta_i$ (rad/token)", "旋转频率 $\\theta_i$(弧度/词元)"),
    "real": ("real part", "实部 Re"),
    "imaginary": ("imaginary part", "虚部 Im"),
    "method.direct": ("direct", "直接外推"),
    "method.pi": ("PI", "PI"),
    "method.ntk_aware": ("NTK-aware", "NTK-aware"),
    "method.base_times_k": ("base · k", "base · k"),
    "method.dynamic_ntk": ("dynamic NTK (shipped)", "动态 NTK(通行实现)"),
    "method.ntk_by_parts": ("NTK-by-parts", "NTK-by-parts"),
    "method.yarn": ("YaRN", "YaRN"),
    "method.llama3": ("Llama 3.1", "Llama 3.1"),
    "method.longrope": ("LongRoPE", "LongRoPE"),
    "slider.positions": ("positions", "位置范围"),
    "slider.dim": ("dimension d", "维度 d"),
    "slider.pair": ("pair i", "维度对 i"),
    "slider.base": ("base", "底数 base"),
    "slider.k": ("scale k", "扩展倍数 k"),
    "slider.train_len": ("trained length L", "训练长度 L"),
    "slider.test_len": ("test length L′", "测试长度 L′"),
    "slider.lag": ("distance", "相对距离"),
    "slider.pos": ("position m", "位置 m"),
    "slider.seed": ("seed", "随机种子"),
    "slider.eps": ("noise ε", "噪声 ε"),
    "slider.noise": ("kind of noise", "噪声类型"),
    "slider.method": ("method", "方法"),
    "slider.reset": ("Reset", "重置"),
    "slider.layer": ("layer", "层"),
    "slider.head": ("head", "注意力头"),
    "slider.nats": ("threshold", "界限"),
    "slider.data": ("fine-tuned on", "微调数据"),
    "slider.rows": ("past the last row", "最后一行之后"),
    "slider.hint": ("sliders: {names}: run this notebook to drag them", "滑块:{names}:运行本笔记本即可拖动"),
}

START_HERE = {
    "start_here.clock": ("clock {clock}", "{clock} 号钟"),
    "start_here.turn": ("one turn:\n{tokens:,.0f} tokens", "转一圈需\n{tokens:,.0f} 个词元"),
    "start_here.seen": ("met in training", "训练中见过"),
    "start_here.unseen": ("never met in training", "训练中从未见过"),
    "start_here.step": ("from this position to the next", "从当前位置到下一个位置"),
    "start_here.told": ("position told to the clocks: $m/k$ (tokens)", "告诉各钟的位置 $m/k$ (词元)"),
    "start_here.this": ("this position", "当前位置"),
    "start_here.every": ("every {step}th position", "每隔 {step} 个位置"),
    "start_here.new": ("hands where they never were: {new} of {clocks}", "指向从未到过之处的指针: {new} / {clocks}"),
    "start_here.gap": ("next position: clock 0 moves {degrees:.0f}°", "下一个位置: 0 号钟转动 {degrees:.0f}°"),
}

ABSOLUTE = {
    "absolute.words": ("the cat saw a dog", "这只 猫 看见 一只 狗"),
    "absolute.order.before": ("(a) first order", "(a) 原来的顺序"),
    "absolute.order.after": ("(b) shuffled order", "(b) 打乱后的顺序"),
    "absolute.attends": ("is looked at", "被关注的词"),
    "absolute.looks": ("word that looks", "发出关注的词"),
    "absolute.change.title": ("(c) effect of the shuffle", "(c) 打乱的影响"),
    "absolute.change": ("change of the word's output", "该词输出向量的变化量"),
    "absolute.table": ("(a) the table $P$", "(a) 位置表 $P$"),
    "absolute.table.fresh": ("fresh", "初始"),
    "absolute.table.trained": ("trained", "训练后"),
    "absolute.component": ("component (first 32)", "分量(前 32 个)"),
    "absolute.other": ("position $n$ (tokens)", "位置 $n$(词元)"),
    "absolute.similar": ("(b) cosine of rows $m$ and $n$", "(b) 第 $m$、$n$ 行的余弦"),
    "absolute.cosine": ("cosine similarity", "余弦相似度"),
    "absolute.profile": ("(c) row $m$ against all rows", "(c) 第 $m$ 行与所有行"),
    "absolute.here": ("$n = m$", "$n = m$"),
    "absolute.noise": ("$\\pm 2/\\sqrt{d}$: unrelated", "$\\pm 2/\\sqrt{d}$:互不相关"),
    "absolute.row": ("row of the table", "表的行号"),
    "absolute.taken": ("(a) the row each token gets", "(a) 每个词元取到的行"),
    "absolute.inside": ("inside the table", "表内"),
    "absolute.beyond": ("past it: every 16th", "表外:每 16 个画 1 个"),
    "absolute.given": ("(b) cosine of the rows given", "(b) 所取各行的余弦"),
    "absolute.share": ("share of the tokens (%)", "占全部词元的比例(%)"),
    "absolute.works": ("(c) what still works (grey: in part)", "(c) 仍然有效的部分(灰色:不完整)"),
    "absolute.read": ("are read", "被读入"),
    "absolute.apart": ("have a row\nof their own", "独占一行"),
    "absolute.trained": ("have a\ntrained row", "该行已训练"),
    "absolute.percent": ("{share:.0f} %", "{share:.0f} %"),
    "absolute.last": ("last row, 127", "最后一行:127"),
    "absolute.mode.truncate": ("truncate", "截断"),
    "absolute.mode.clamp": ("clamp", "钳位"),
    "absolute.mode.extend": ("extend", "扩展"),
    "absolute.mode.refuse": ("refuse", "拒绝"),
    "absolute.says.inside": ("Inside the table: nothing special happens.", "在表内:一切正常。"),
    "absolute.says.truncate": ("truncate: tokens past the last row are not read.", "截断:超出最后一行的词元不被读入。"),
    "absolute.says.clamp": ("clamp: all tokens past the last row get the last row.", "钳位:超出的词元都取最后一行。"),
    "absolute.says.extend": ("extend: fresh random rows, never trained.", "扩展:新加随机行,从未训练。"),
    "absolute.says.refuse": ("refuse: even one token too many, and no answer.", "拒绝:多一个词元,就完全没有输出。"),
    "slider.strength": ("position strength", "位置强度"),
    "slider.shuffle": ("shuffle", "打乱方式"),
    "slider.table": ("table", "位置表"),
    "slider.mode": ("past the end", "超出时"),
}

SINUSOIDAL = {
    "sinusoidal.table": ("(a) the table PE", "(a) 位置编码表 PE"),
    "sinusoidal.waves": ("(b) one pair", "(b) 其中一对"),
    "sinusoidal.sin": ("$\\sin(m\\theta_i)$", "$\\sin(m\\theta_i)$"),
    "sinusoidal.cos": ("$\\cos(m\\theta_i)$", "$\\cos(m\\theta_i)$"),
    "sinusoidal.shown": ("positions shown", "所示位置范围"),
    "sinusoidal.product": ("inner product / (d/2)", "内积 / (d/2)"),
    "sinusoidal.mean_product": ("mean inner product / (d/2)", "平均内积 / (d/2)"),
    "sinusoidal.curve": ("inner product", "内积"),
    "sinusoidal.rises": ("rises outward", "随距离上升"),
    "sinusoidal.far": ("lag $|n-m|$ (tokens, log)", "相对距离 $|n-m|$(词元,对数刻度)"),
    "sinusoidal.trend": ("trend line", "趋势线"),
    "sinusoidal.at_base": ("lag = base", "距离 = 底数"),
    "sinusoidal.one_pair": ("(a) sine of one pair", "(a) 其中一对的正弦分量"),
    "sinusoidal.base": ("base ${base}$", "底数 ${base}$"),
    "sinusoidal.averaged": (
        "(b) mean over lags $\\ell/1.5$ to $1.5\\,\\ell$, $d = {dim}$",
        "(b) 对 $\\ell/1.5$ 至 $1.5\\,\\ell$ 的平均, $d = {dim}$",
    ),
    "sinusoidal.base_turns": ("base $= {base}$\n{turns} turns", "底数 $= {base}$\n{turns} 圈"),
    "sinusoidal.key": ("key position $n$", "键的位置 $n$"),
    "sinusoidal.query": ("query position $m$", "查询的位置 $m$"),
    "sinusoidal.scores": ("(a) score / largest", "(a) 得分 / 最大得分"),
    "sinusoidal.lag": ("lag $n-m$ (tokens)", "相对距离 $n-m$(词元)"),
    "sinusoidal.score": ("score / largest", "得分 / 最大得分"),
    "sinusoidal.band": ("all $m$", "所有 $m$"),
    "sinusoidal.mean": ("mean", "平均"),
    "sinusoidal.early": ("$m$ at 1/4", "$m$ 在 1/4 处"),
    "sinusoidal.late": ("$m$ at 3/4", "$m$ 在 3/4 处"),
    "sinusoidal.share": ("% of the variance is explained by the lag alone", "% 的方差可仅由相对距离解释"),
}

ROPE = {
    "rope.theta": ("frequency $\\theta_i$ (rad/token, log)", "旋转频率 $\\theta_i$(对数刻度)"),
    "rope.fast": ("fast:\nhigh frequency", "高频\n(局部位置敏感)"),
    "rope.slow": ("slow:\nlow frequency", "低频\n(全局依赖)"),
    "rope.distance": ("distance $|m-n|$ (tokens)", "相对位置距离 $|t_1-t_2|$"),
    "rope.response": ("$\\cos(\\theta_i\\,|m-n|)$", "注意力得分贡献"),
    "rope.pair_is": ("$i={pair}$", "$i={pair}$"),
    "rope.track.fast": ("i = {pair} (fast): {turned}", "i = {pair} (高频): {turned}"),
    "rope.track.slow": ("i = {pair} (slow): {turned}", "i = {pair} (低频): {turned}"),
    "rope.turns": ("{turns:,.1f} turns", "{turns:,.1f} 圈"),
    "rope.degrees": ("{degrees:.3g}°", "{degrees:.3g}°"),
    "rope.start": ("$m=0$", "$t=0$"),
    "rope.reached": ("squares: m = {pos:,}", "方块: t = {pos:,}"),
    "rope.sentence_1": ("sentence 1", "句子 1"),
    "rope.sentence_2": ("sentence 2", "句子 2"),
    "rope.key_token": ("key token, at $n$", "键词元,位置 $n$"),
    "rope.query_token": ("query token, at $m$", "查询词元,位置 $m$"),
    "rope.place": ("position $n$ of the key (tokens)", "键的位置 $n$(词元)"),
    "rope.score": ("score", "得分"),
    "rope.turned": ("RoPE: vectors turned", "RoPE:向量旋转"),
    "rope.added": ("sinusoidal table added", "加上正弦位置编码"),
    "rope.angle_between": ("angle between:\n{degrees}°", "两者夹角:\n{degrees}°"),
    "rope.score_is": ("score:\n{score}", "得分:\n{score}"),
    "rope.matrix_m": ("$R(m)^{T}$", "$R(m)^{T}$"),
    "rope.matrix_n": ("times $R(n)$", "乘以 $R(n)$"),
    "rope.matrix_product": ("equals $R(n-m)$", "等于 $R(n-m)$"),
    "rope.interleaved": ("interleaved:\n$x_{2i}$ with $x_{2i+1}$", "相邻配对:\n$x_{2i}$ 与 $x_{2i+1}$"),
    "rope.half_split": ("half-split:\n$i$ with $i+d/2$", "前后半配对:\n$i$ 与 $i+d/2$"),
    "rope.bound": ("factor in the bound", "上界中的因子"),
    "rope.bound_curve": ("RoPE", "RoPE"),
    "rope.random_level": ("random unit numbers", "随机单位复数"),
    "rope.score_relative": ("score / largest possible", "得分 / 可能的最大值"),
    "rope.same": ("key = query", "键 = 查询"),
    "rope.aimed": ("aimed key", "对准某一距离的键"),
    "rope.one_random": ("random $q$, $k$", "随机的 $q$、$k$"),
    "slider.offset": ("offset", "平移量"),
    "slider.m": ("m", "m"),
    "slider.n": ("n", "n"),
    "slider.theta": ("theta (rad/token)", "θ(弧度/词元)"),
    "slider.peak": ("aimed at distance", "对准的距离"),
}

INTERPOLATION = {
    "interpolation.turned": ("angle within one turn (degrees)", "一圈之内的角度(度)"),
    "interpolation.arc.seen": ("seen in training, met at test", "训练时见过,测试时用到"),
    "interpolation.arc.unused": ("seen, not met", "见过,但未用到"),
    "interpolation.arc.unseen": ("never seen, met at test", "从未见过,测试时用到"),
    "interpolation.count": (
        "{method}: {new} of {pairs} pairs meet angles never seen in training",
        "{method}:{pairs} 个维度对中有 {new} 个遇到训练时从未见过的角度",
    ),
    "interpolation.dial": (
        "pair {pair}\ntrained: {seen} turns\ntest: {met} turns",
        "维度对 {pair}\n训练:{seen} 圈\n测试:{met} 圈",
    ),
    "interpolation.cosine": ("cosine", "余弦值"),
    "interpolation.lands": (
        "where position $m$ lands on the trained cosine, $m\\,\\theta'_i/\\theta_i$ (tokens; shaded: trained)",
        "位置 $m$ 落在训练余弦上的何处,$m\\,\\theta'_i/\\theta_i$(词元;阴影为训练范围)",
    ),
    "interpolation.dot.inside": ("position in the trained range", "训练范围内的位置"),
    "interpolation.dot.seen": ("beyond it, angle seen", "超出范围,角度见过"),
    "interpolation.dot.unseen": ("beyond it, angle never seen", "超出范围,角度从未见过"),
    "interpolation.share": (
        "{method}: {share:.1f} % of the positions beyond $L$ meet an unseen angle",
        "{method}:超出 $L$ 的位置中有 {share:.1f} % 遇到未见过的角度",
    ),
    "interpolation.multiplier": ("multiplier $\\theta'_i/\\theta_i$", "频率倍率 $\\theta'_i/\\theta_i$"),
    "interpolation.finished": ("a full turn in training: every angle seen", "训练时转满一圈:角度全见过"),
    "interpolation.unfinished": ("no full turn", "未转满一圈"),
    "interpolation.k": ("scale $k$", "扩展倍数 $k$"),
    "interpolation.neighbours": ("squared distance of neighbours", "相邻位置的距离平方"),
    "interpolation.first": ("pair {pair}: positions 0 to 6", "维度对 {pair}:位置 0 到 6"),
    "interpolation.perplexity": ("perplexity", "困惑度"),
    "interpolation.perplexity.log": ("perplexity (log)", "困惑度(对数)"),
    "interpolation.kmax": ("$k_{\\mathrm{max}}$ (tokens)", "$k_{\\mathrm{max}}$(词元)"),
    "interpolation.steps": ("fine-tuning steps", "微调步数"),
    "interpolation.evaluated": ("evaluated at (tokens)", "测试长度(词元)"),
    "interpolation.finetuned": ("fine-tuned to 8k, no PI", "微调到 8k,无 PI"),
    "interpolation.pi_to": ("PI to {length}", "PI 到 {length}"),
    "interpolation.more": ("> 1000", "> 1000"),
    "interpolation.direct_more": ("direct: > 1000", "直接外推:> 1000"),
    "interpolation.source": ("Chen et al. (2023), Table {number}", "Chen 等(2023),表 {number}"),
}

NTK_AWARE = {
    "ntk_aware.digits": ("digits  $\\lfloor n/\\beta^{m-1}\\rfloor$ mod $\\beta$", "各位数字  $\\lfloor n/\\beta^{m-1}\\rfloor$ mod $\\beta$"),
    "ntk_aware.dials": ("dials of RoPE: angle $n/\\beta^{i}$ (rad)", "RoPE 的表盘:角度 $n/\\beta^{i}$(弧度)"),
    "ntk_aware.spare": ("spare", "预留位"),
    "ntk_aware.changed": ("base changed", "换进制"),
    "ntk_aware.name.direct": ("β = {beta}\ntrained: 0 to {last:,}", "β = {beta}\n训练范围:0 到 {last:,}"),
    "ntk_aware.name.pi": ("n / k = {short}", "n / k = {short}"),
    "ntk_aware.name.changed": (
        "digits: β′ = {beta}\ndials: β′ = {exact:.3f}", "数字:β′ = {beta}\n表盘:β′ = {exact:.3f}",
    ),
    "ntk_aware.state.seen": ("seen in training", "训练时见过"),
    "ntk_aware.state.between": ("a fraction: between seen digits", "介于见过的数字之间"),
    "ntk_aware.state.new": ("never seen", "从未见过"),
    "ntk_aware.state.next": ("next number, $n+1$", "下一个数 $n+1$"),
    "ntk_aware.scale": ("scale $k$ given to NTK-aware (users' $\\alpha$)", "NTK-aware 所用的 $k$(即用户所说的 $\\alpha$)"),
    "ntk_aware.reach": ("reach / trained length", "可达长度 / 训练长度"),
    "ntk_aware.here": ("heuristic, at the sliders", "启发式估计(滑块处)"),
    "ntk_aware.promised": ("reach = $k$ · trained length", "可达长度 = $k$ × 训练长度"),
    "ntk_aware.llama": ("heuristic, LLaMA", "启发式估计,LLaMA"),
    "ntk_aware.llama.users": ("reported by users, LLaMA", "用户报告,LLaMA"),
    "ntk_aware.llama2": ("heuristic, Llama 2", "启发式估计,Llama 2"),
    "ntk_aware.llama2.users": ("reported by users, Llama 2", "用户报告,Llama 2"),
    "ntk_aware.needs": (
        "first slow pair {first} of {pairs}: {length:,} tokens need k = {k}",
        "首个未转满的维度对 {first}(共 {pairs} 对):{length:,} 个词元需要 k = {k}",
    ),
    "ntk_aware.inside": ("inside the trained length: $k$ = 1 will do", "仍在训练长度之内:$k$ = 1 即可"),
    "ntk_aware.all_finished": (
        "every pair made a full turn in training: no unseen angle", "每个维度对训练时都转满一圈:没有未见过的角度",
    ),
    "ntk_aware.overshoot": (
        "worst overshoot of the slow pairs, $L'\\theta'_i/(L\\theta_i)$", "慢速维度对的最大超出倍数,$L'\\theta'_i/(L\\theta_i)$",
    ),
    "ntk_aware.safe": ("no unseen angle", "没有未见过的角度"),
    "ntk_aware.unsafe": ("unseen angles", "有未见过的角度"),
    "ntk_aware.accuracy": ("next-token accuracy (%)", "下一词元预测准确率(%)"),
    "ntk_aware.su.repeated": ("repeated", "重复"),
    "ntk_aware.su.plain": ("not rep.", "不重复"),
    "ntk_aware.su.trained.long": ("512 tokens, as trained", "512 词元(训练长度)"),
    "ntk_aware.su.repeated.long": ("4096, repeated text", "4096,重复文本"),
    "ntk_aware.su.plain.long": ("4096, not repeated", "4096,不重复文本"),
}

TRAINED_MODEL = {
    "trained_model.pos": ("position $m$ (bytes)", "位置 $m$(字节)"),
    "trained_model.perplexity": ("perplexity of the next byte", "下一字节的困惑度"),
    "trained_model.window": ("last $L$ keys only", "只看最近 $L$ 个键"),
    "trained_model.window.short": ("last $L$", "最近 $L$ 个"),
    "trained_model.mean": ("perplexity, by stretch of the text", "各段的困惑度"),
    "trained_model.progress": ("texts read: {done} of {all}", "已读文本:{done} / {all}"),
    "trained_model.key": ("key: position $n$ (bytes)", "键的位置 $n$(字节)"),
    "trained_model.query": ("query: position $m$ (bytes)", "查询的位置 $m$(字节)"),
    "trained_model.target": (
        "on the bytes to copy:\n{before:.0f} % before position 128, {after:.0f} % from 256 on",
        "落在应复制字节上的注意力:\n位置 128 之前 {before:.0f} %,256 之后 {after:.0f} %",
    ),
    "trained_model.scale": ("scale $k$", "扩展倍数 $k$"),
    "trained_model.break": ("breaks at / trained length", "失效位置 / 训练长度"),
    "trained_model.heuristic": ("heuristic of notebook 05", "笔记本 05 的启发式估计"),
    "trained_model.measured_end": ("measured up to here", "测量到此为止"),
    "trained_model.seed": ("measured, seed {seed}", "实测,种子 {seed}"),
    "trained_model.price": ("price inside $L$ (nats a byte)", "$L$ 以内的代价(奈特/字节)"),
    "trained_model.accuracy": ("next-token accuracy (%)", "下一词元预测准确率(%)"),
    "trained_model.accuracy.bytes": ("next-byte accuracy (%)", "下一字节预测准确率(%)"),
    "trained_model.su.his": ("Su: 100 M parameters, L = 512 tokens", "苏剑林:1 亿参数,L = 512 词元"),
    "trained_model.su.ours": ("ours: 0.8 M, L = 128 bytes", "本系列:82 万参数,L = 128 字节"),
    "trained_model.su.short": ("$L$, as trained", "$L$(训练长度)"),
    "trained_model.su.repeated": ("8$L$, repeated text", "8$L$,重复文本"),
    "trained_model.su.plain": ("8$L$, not repeated", "8$L$,不重复文本"),
    "trained_model.race.steps": ("fine-tuning steps", "微调步数"),
    "trained_model.race.perplexity": ("(a) perplexity over 8$L$", "(a) 8$L$ 上的困惑度"),
    "trained_model.race.copied": ("(b) letters copied from beyond $L$ (%)", "(b) 从 $L$ 以外复制正确的字母(%)"),
    "trained_model.race.guess": ("a blind guess", "随机猜测"),
    "trained_model.twin.rope": ("RoPE, direct", "RoPE,直接外推"),
    "trained_model.twin.sinusoidal": ("sinusoidal", "正弦编码"),
    "trained_model.twin.learned": ("learned table", "学习的位置表"),
}

LANGUAGES = ("en", "zh")
_SECTIONS = (SHARED, START_HERE, ABSOLUTE, SINUSOIDAL, ROPE, INTERPOLATION, NTK_AWARE, TRAINED_MODEL)
WORDS = {key: texts for section in _SECTIONS for key, texts in section.items()}
_language = "en"


def known(language):
    """`language` itself if there is one of that name; ValueError otherwise."""
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}; got language = {language!r}")
    return language


def use(language):
    """Speak `language` ("en" or "zh") from now on; pictures already built keep theirs."""
    global _language
    _language = known(language)


def language():
    """The language in use."""
    return _language


def say(key, **fields):
    """The text under `key` in the language in use, its {fields} filled in. KeyError for an unknown key.

    A text with no fields is returned as it stands, so that mathtext may hold braces.
    """
    text = WORDS[key][LANGUAGES.index(_language)]
    return text.format(**fields) if fields else text
