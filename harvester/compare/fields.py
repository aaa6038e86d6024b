"""A dictionary's fields, read out of tables and documents that were laid out for people."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from harvester.compare.dictionary import kind_of
from harvester.compare.records import Field
from harvester.validate.grid import filled, is_value, words
from harvester.validate.jsons import find_records

FIELDS = 2000
"""How many fields of one dictionary are kept; files wider than 2,000 columns are not measured either."""
NAME_LENGTH, TEXT_LENGTH, SECTION_LENGTH = 200, 500, 120
_DEPTH = 8
_ABOUT = r"(?:\s*[(（\[].*|\s*[-:：].*|\s*\*)?"
_THING = r"(?:data|json|xml|csv|api|column|field|variable|attribute|element|property|parameter|item|tag|header)s?"
_NAME = re.compile(
    rf"(?:(?:english|chinese|short|full|display|technical|physical|logical)\s+)?(?:{_THING}[\s_/-]*)*"
    rf"(?:(?:name|label|title|heading|caption|alias|header)s?|{_THING[:-2]}s?)(?:\s+in\s+\w+)?{_ABOUT}"
    r"|(?:中文|英文|英語|資料|数据|數據|资料)?(?:欄位?|栏位?|字段|欄目|栏目|項目|项目|屬性|属性|變數|变量|元素|參數|参数|標籤|标签|數據項|数据项)"
    rf"(?:的)?(?:中文|英文)?(?:名稱|名称|名|標題|标题|代碼|代码)?{_ABOUT}"
    rf"|(?:中文|英文)?(?:名稱|名称|標題|标题){_ABOUT}",
    re.IGNORECASE,
)
_TYPE = re.compile(
    rf"(?:{_THING}[\s_/-]*|value\s+)*(?:data\s*)?(?:type|format)s?{_ABOUT}"
    rf"|(?:數據|数据|資料|资料|欄位|字段)?(?:類型|类型|類別|类别|格式|型別|型态|型態){_ABOUT}",
    re.IGNORECASE,
)
_DESCRIPTION = re.compile(
    rf"(?:{_THING}[\s_/-]*|brief\s+)*(?:descriptions?|definitions?|meanings?|explanations?|remarks?|notes?|comments?|details?)"
    rf"{_ABOUT}|(?:欄位|字段|數據|数据|資料|资料)?(?:說明|说明|描述|解釋|解释|定義|定义|備註|备注|註釋|注释|內容|内容|意思){_ABOUT}",
    re.IGNORECASE,
)
_SECTION = re.compile(
    rf"(?:data\s*)?(?:file|table|sheet|worksheet|data\s*set|resource)s?(?:[\s_]*names?)?{_ABOUT}"
    rf"|(?:數據|数据|資料|资料)?(?:檔案|档案|文件|工作表|數據集|数据集|資料表|数据表)(?:名稱|名称)?{_ABOUT}",
    re.IGNORECASE,
)
_ROLES = (("type", _TYPE), ("description", _DESCRIPTION), ("section", _SECTION), ("name", _NAME))
_HEADS_FILE = re.compile(
    r"^(?:file|table|sheet|data ?set|csv|json|檔案|档案|資料表|数据表|表)\b|\.(?:csv|xlsx?|json|xml|geojson)\b",
    re.IGNORECASE,
)
_HAN_PART, _LATIN_PART = re.compile(r"[\u3400-\u9fff（）]+"), re.compile(r"[A-Za-z][A-Za-z _/().-]*")


def role(cell: str) -> str:
    """Return what a column so headed holds: name, type, description or section; empty where it is none of them.

    A heading in two scripts (``Field Name 欄位名稱``) has the role that both of its parts have.
    """
    text = " ".join(cell.split())
    if not text or len(text) > 60:  # noqa: PLR2004 - a heading is short
        return ""
    whole = next((name for name, pattern in _ROLES if pattern.fullmatch(text)), "")
    if whole or not (_HAN_PART.search(text) and _LATIN_PART.search(text)):
        return whole
    parts = [part.strip(" /") for pattern in (_HAN_PART, _LATIN_PART) for part in pattern.findall(text)]
    roles = {next((name for name, pattern in _ROLES if pattern.fullmatch(part)), "") for part in parts}
    return roles.pop() if len(roles) == 1 else ""


def of_grid(rows: Sequence[Sequence[Any]], section: str = "") -> list[Field]:
    """Return the fields a sheet, CSV or HTML table describes, under the row (or rows) that head its columns.

    ``section`` is what the whole is called (a sheet's name). A row of headings may come again for each file the
    dictionary is about; the line above it then names the file.
    """
    fields: list[Field] = []
    roles: dict[int, str] = {}
    heading, under = "", section
    for row in rows:
        cells = [words(cell) for cell in row]
        found = _headings(cells)
        if found and (not roles or set(found.values()) >= set(roles.values())):
            roles, under = found, heading if heading and fields else section or heading
            continue
        said = [cell for cell in cells if cell]
        if len(said) == 1 and (not roles or _HEADS_FILE.search(said[0])):
            heading = said[0][:SECTION_LENGTH]
            under = heading if roles else under
            continue
        if roles and said and len(fields) < FIELDS:
            fields += _field(cells, roles, under)
    return fields if _are_names([field.name for field in fields]) else []


def _headings(cells: Sequence[str]) -> dict[int, str]:
    """Return the roles of a row's cells where it heads the columns of a dictionary, nothing where it does not."""
    roles = {place: found for place, cell in enumerate(cells) if (found := role(cell))}
    kinds = set(roles.values())
    enough = "name" in kinds and len(kinds) > 1 and len(roles) * 2 >= filled(cells)
    return roles if enough else {}


def _field(cells: Sequence[str], roles: Mapping[int, str], under: str) -> Iterator[Field]:
    held: dict[str, list[str]] = {}
    for place, name in roles.items():
        if place < len(cells) and cells[place]:
            held.setdefault(name, []).append(cells[place])
    names = [part.strip()[:NAME_LENGTH] for cell in held.get("name", ()) for part in cell.split("\n") if part.strip()]
    if not names:
        return
    written = " ".join(held.get("type", ()))[:NAME_LENGTH]
    yield Field(
        section=(held.get("section", [under])[0])[:SECTION_LENGTH],
        name=names[0],
        others=tuple(dict.fromkeys(name for name in names[1:] if name != names[0])),
        type=written,
        kind=kind_of(written),
        description=" ".join(held.get("description", ()))[:TEXT_LENGTH],
    )


def _are_names(names: Sequence[str]) -> bool:
    """Whether a column so headed really holds names: not numbers, which count the fields."""
    return bool(names) and sum(map(is_value, names)) < len(names) * 0.5


def of_tree(parsed: Any) -> list[Field]:
    """Return the fields of a parsed JSON document: Table Schema, Data Package, JSON Schema, or a list of records."""
    fields = list(islice(_schemas(parsed, "", 0), FIELDS))
    if fields:
        return fields
    found = find_records(parsed)
    if found is None:
        return []
    records = [record for record in found[1] if isinstance(record, Mapping)]
    labels = list(dict.fromkeys(str(key) for record in records[:FIELDS] for key in record))
    rows = [[_plain(record.get(label)) for label in labels] for record in records[: FIELDS + 1]]
    return of_grid([labels, *rows])


def _schemas(value: Any, section: str, depth: int) -> Iterator[Field]:
    """Yield the fields of every Table Schema (https://specs.frictionlessdata.io/table-schema/) and JSON Schema."""
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for each in islice(value, FIELDS):
            yield from _schemas(each, section, depth + 1)
    if not isinstance(value, Mapping):
        return
    under = str(value.get("path") or value.get("name") or section)[:SECTION_LENGTH] if depth else section
    listed, properties = value.get("fields"), value.get("properties")
    if isinstance(listed, list) and all(isinstance(each, Mapping) and "name" in each for each in listed):
        yield from (_declared(str(each["name"]), each, section) for each in listed)
    elif isinstance(properties, Mapping) and all(isinstance(each, Mapping) for each in properties.values()):
        yield from (_declared(str(name), each, section) for name, each in properties.items())
    else:
        for child in islice(value.values(), FIELDS):
            if isinstance(child, Mapping | list):
                yield from _schemas(child, under, depth + 1)


def _declared(name: str, said: Mapping[str, Any], section: str) -> Field:
    written = str(said.get("type") or "")[:NAME_LENGTH]
    title = str(said.get("title") or "")[:NAME_LENGTH]
    return Field(
        section, name[:NAME_LENGTH], (title,) if title and title != name else (), written, kind_of(written),
        str(said.get("description") or "")[:TEXT_LENGTH],
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)
