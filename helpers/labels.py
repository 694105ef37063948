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
    "slider.view": ("view", "视图"),
    "slider.reset": ("Reset", "重置"),
    "slider.hint": ("sliders: {names}: run this notebook to drag them", "滑块:{names}:运行本笔记本即可拖动"),
}

START_HERE = {}

ABSOLUTE = {}

SINUSOIDAL = {}

ROPE = {
    "rope.theta": ("frequency $\\theta_i$ (rad/token, log)", "旋转频率 $\\theta_i$(对数刻度)"),
    "rope.fast": ("high frequency:\nnear positions differ", "高频\n(局部位置敏感)"),
    "rope.slow": ("low frequency:\nfar positions differ", "低频\n(全局依赖)"),
    "rope.distance": ("distance $|m-n|$ (tokens)", "相对位置距离 $|t_1-t_2|$"),
    "rope.response": ("$\\cos(\\theta_i\\,|m-n|)$", "注意力得分贡献"),
    "rope.pair_is": ("$i={pair}$", "$i={pair}$"),
    "rope.track.fast": ("$i={pair}$ (fast): {turned}", "$i={pair}$(高频):{turned}"),
    "rope.track.slow": ("$i={pair}$ (slow): {turned}", "$i={pair}$(低频):{turned}"),
    "rope.turns": ("{turns:,.1f} turns", "{turns:,.1f} 圈"),
    "rope.degrees": ("{degrees:.3g}°", "{degrees:.3g}°"),
}

INTERPOLATION = {}

NTK_AWARE = {}

LANGUAGES = ("en", "zh")
_SECTIONS = (SHARED, START_HERE, ABSOLUTE, SINUSOIDAL, ROPE, INTERPOLATION, NTK_AWARE)
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
