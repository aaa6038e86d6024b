"""Writes publish/folding.json: the character each Chinese character is searched as. Run after an OpenCC update.

Every character is converted alone, so that any part of a word folds as the whole word does.
"""

import json
from pathlib import Path

import opencc

VARIANTS = {
    "衞": "卫", "臺": "台", "颱": "台", "裏": "里", "裡": "里", "綫": "线", "峯": "峰", "羣": "群", "著": "着",
    "戶": "户", "麪": "面", "麵": "面", "滙": "汇", "匯": "汇", "牀": "床", "鑑": "鉴", "鑒": "鉴", "汙": "污",
    "説": "说", "說": "说", "税": "税", "稅": "税", "緑": "绿", "録": "录", "眞": "真", "啓": "启", "啟": "启",
    "雙": "双", "癒": "愈", "煙": "烟", "菸": "烟", "佈": "布", "週": "周", "巿": "市",
}  # fmt: skip
"""Spellings Hong Kong uses side by side; OpenCC keeps some of them apart."""
RANGES = ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F))


def folding() -> dict[str, str]:
    """Return character to folded character, for those that change, in code point order."""
    converter = opencc.OpenCC("t2s")
    table: dict[str, str] = {}
    for low, high in RANGES:
        for point in range(low, high + 1):
            character = chr(point)
            simple = VARIANTS.get(character, converter.convert(character))
            if simple != character and len(simple) == 1:
                table[character] = simple
    return table


def main() -> None:
    """Write the table beside this file."""
    place = Path(__file__).with_name("folding.json")
    place.write_text(json.dumps(folding(), ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
