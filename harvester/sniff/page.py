"""What an HTML page is meant as: a page, a login, a robot wall, an error message, or a script's empty shell."""

import re
from html import unescape

from harvester.records import Nature

_HIDDEN = re.compile(
    r"<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_TITLES = re.compile(r"<(title|h1|h2)\b[^<>]*>(.{0,400}?)</\1", re.DOTALL | re.IGNORECASE)
_PASSWORD = re.compile(r"<input\b[^<>]{0,500}type\s*=\s*[\"']?password", re.IGNORECASE)
_LOGIN_TITLE = re.compile(
    r"\b(?:log\s?-?in|sign\s?-?in|log\s?on|single sign-on|authentication required)\b|登入|登录|登陸|登陆", re.IGNORECASE
)
_LOGIN_FORM = re.compile(
    r"name\s*=\s*[\"']?(?:SAMLRequest|SAMLResponse|RelayState)\b|<form\b[^<>]*/(?:login|signin|sso)\b",
    re.IGNORECASE,
)
_WALL = re.compile(
    r"captcha|cf-chl|cf-browser-verification|challenge-platform|_incapsula_resource|distil_r|/_sec/cp_challenge",
    re.IGNORECASE,
)
_WALL_WORDS = re.compile(
    r"checking (?:if the site connection is secure|your browser)|just a moment|attention required"
    r"|are you (?:a )?(?:human|robot)"
    r"|(?:verify|confirm|prove)\s(?:that\s)?you(?:'re| are)\s(?:not a robot|(?:a\s)?human)"
    r"|ddos protection|request unsuccessful|unusual traffic|人機驗證|人机验证|安全驗證|安全验证|驗證碼|验证码"
    r"|正在檢查(?:您|你)的瀏覽器|正在检查(?:您|你)的浏览器",
    re.IGNORECASE,
)
_ERROR_TITLE = re.compile(
    r"^\W*(?:http\s*)?(?:status\s*)?(?:error\s*:?\s*)?(?:400|401|403|404|405|410|429|500|501|502|503|504)\b"
    r"\s*(?:$|[-–—:|.,!(]|(?:http\s*)?error|not found|page|file|forbidden|bad|internal|service|gateway"
    r"|unauthori|access)"
    r"|\b(?:error|錯誤|错误)\s*(?:code\s*)?[:：]?\s*(?:[45]\d\d)\b"
    r"|(?:page|file|resource|document|site|url|object|directory)\s(?:you\s.{0,30})?"
    r"(?:was |is |could |can)?\s?not (?:be )?found\b"
    r"|^\W*(?:not found|error|errors|application error|runtime error|oops|forbidden|bad request|bad gateway"
    r"|permission denied|request rejected)\b\W*(?:$|[-–—:|])"
    r"|(?:internal )?server error|access (?:is )?denied|an? (?:\w+ )?error (?:has )?occurred|something went wrong"
    r"|(?:service|page|site|system|website)(?: is)? (?:temporarily |currently )*(?:unavailable|not available|down\b)"
    r"|temporarily unavailable|no longer (?:available|exists)"
    r"|(?:under|down for|scheduled|system|site|website) maintenance\W*(?:$|notice|in progress|[-–—:|])"
    r"|找不到(?:網頁|頁面|檔案|文件|您|你|该|該|网页|页面|資源|资源|$)"
    r"|(?:網頁|頁面|檔案|页面|网页|文件).{0,6}(?:不存在|找不到|已移除|無法|无法)"
    r"|(?:發生|发生|系統|系统|伺服器|服务器|網頁|网页)(?:內部|内部)?(?:錯誤|错误|故障)"
    r"|^\W*(?:錯誤|错误)\W*(?:$|[-–—:|：頁页訊讯])"
    r"|(?:系統|系统|網站|网站|網頁|网页|服務|服务)(?:正在|進行|进行)?(?:維護|维护|保養|维修|維修)(?:中|$)|(?:維護|维护)中"
    r"|暫停服務|暂停服务|服務暫停|拒絕存取|拒绝访问|禁止(?:存取|訪問|访问)"
    r"|(?:暫時|暂时)(?:無法|无法|未能|停止|不能)",
    re.IGNORECASE,
)
_ERROR_BODY = re.compile(
    r"<b>(?:fatal error|warning|parse error)</b>:|traceback \(most recent call last\)|\bORA-\d{5}\b|server error in '/"
    r"|the requested url .{0,200} was not found|no such(?:key|bucket)|HTTP Status [45]\d\d"
    r"|the requested url was rejected",
    re.IGNORECASE,
)
_ROOT = re.compile(
    r"<(div|main|section)\b[^<>]*\bid\s*=\s*[\"']?(?:root|app|__next|__nuxt|main|container|q-app)[\"']?"
    r"[^<>]*>\s*</\1\s*>"
    r"|<app-root\b[^<>]*>\s*(?:loading\.*)?\s*</app-root",
    re.IGNORECASE,
)
_NEEDS_SCRIPT = re.compile(
    r"(?:enable|requires?|need|turn on|啟用|启用|開啟|开启)\s*(?:\w+\s){0,3}java\s?script", re.IGNORECASE
)

LOGIN_TEXT = 4000
WALL_TEXT = 2000
ERROR_TEXT = 6000
SHELL_TEXT = 250
"""Characters of visible text up to which a page can be no more than a login, a wall, an error or a shell."""


def nature(html: str) -> Nature:
    """Return what the page ``html`` (its first 256 KB) is meant as; ``page`` where nothing speaks against it."""
    bare = _HIDDEN.sub(" ", html)
    words = " ".join(unescape(_TAG.sub(" ", bare)).split())
    titles = [" ".join(unescape(_TAG.sub(" ", match.group(2))).split()) for match in _TITLES.finditer(html)][:6]
    length = len(words)
    if length < LOGIN_TEXT and (_PASSWORD.search(html) or (_LOGIN_FORM.search(html) and length < WALL_TEXT)):
        return "login"
    if _PASSWORD.search(html) and any(_LOGIN_TITLE.search(title) for title in titles):
        return "login"
    if length < WALL_TEXT and (_WALL_WORDS.search(words) or any(_WALL_WORDS.search(t) for t in titles)):
        return "challenge"
    if length < WALL_TEXT / 2 and _WALL.search(html):
        return "challenge"
    if length < ERROR_TEXT and (any(_ERROR_TITLE.search(title) for title in titles) or _is_error_text(words, html)):
        return "error"
    return "shell" if _is_shell(html, length) else "page"


def _is_error_text(words: str, html: str) -> bool:
    """A page with hardly a word that says only that something failed, or one that shows a program's complaint."""
    short = len(words) < SHELL_TEXT and _ERROR_TITLE.search(words) is not None
    return short or (len(words) < WALL_TEXT and _ERROR_BODY.search(html[:50_000]) is not None)


def _is_shell(html: str, length: int) -> bool:
    scripts = len(re.findall(r"<script\b", html, re.IGNORECASE))
    if not scripts:
        return False
    rows = len(re.findall(r"<(?:td|li|p)\b", html, re.IGNORECASE))
    if _ROOT.search(html) and length < WALL_TEXT:
        return True
    if _NEEDS_SCRIPT.search(html) and length < SHELL_TEXT * 2 and rows < 5:  # noqa: PLR2004 - a page has paragraphs
        return True
    return length < SHELL_TEXT and rows < 3  # noqa: PLR2004
