"""What may be wrong, or merely unusual, in the XML of a made-up sheet."""

import random
import re

WOUNDS: tuple[tuple[str, str], ...] = (
    ("<v>", "<v> "), ("</v>", "e2</v>"), ("</v>", "_0</v>"), ("<v>", "<v>&#49;"), ("<v>", "<v><!-- x -->"),
    ("<v>", "<f>A1+1</f><v>"), ("<v>", '<f t="shared" ref="A1:A2" si="0"/><v>'), ("<v>", "<f ca='1'>&lt;</f><v>"),
    ("<v>", "<v>-"), ("<v>", "<v>nan"), ("<v>", "<v>1e999"), ("<v>", "<v>99999999"), ("<v>", "<v>\r\n"), ("</v>", ""),
    ("</c>", "</c>\n"), ("</row>", "</row>\n"), ("<row ", '<row ht="15" '), ('<row r="', '<row r="1'),
    ('<row r="', '<row r=" '), (' spans="', ' spans="1:3" spans="'), ("<row r=", "<row hidden='1' r="),
    ("<row ", "<x:row "), ("</row>", '<c r="ZZ9" t="b"><v>1</v></c></row>'), ("</row>", '</row><row r="999"/>'),
    ("</row>", "</row><row></row>"), ('<c r="', '<c r="A'), ('<c r="B', '<c r="A'), ('<row r="2"', '<row r="5"'),
    ('<row r="5"', '<row r="2" x14ac:dyDescent="1"'), ('t="n"', 't="b"'), ('t="n"', 't="e"'), ('t="n"', 't="str"'),
    ('t="n"', 't="d"'), ('t="n"', 't="n" s="1"'), (' t="n"', ""), ('t="n"', 's="1" t="n"'), ('t="n"', 's="7"'),
    (' t="n"', ' s="1"'), ('t="s"', 't="x"'), ("<t>", "<t>&amp;lt;&quot;"), ("<t>", "<t>]]>"), ("<t>", "<t>a&#10;b"),
    ("<t>", "<t>\uffff"), ("<t>", "<t>\x01"), ("<t>", "<t>\r\n"), ("<t>", "<t>\udcff"), ("<is>", "<v>5</v><is>"),
    ("<is><t>", "<is><r><t>r</t></r><t>"), ("<t>", '<t xml:space="preserve"> '), ("<t>", "<t><![CDATA[<]]>"),
    ("<sheetData>", "<sheetData><!-- x -->"), ("<sheetData>", "<sheetData xmlns='urn:x'>"), ("</worksheet>", ""),
    ("</sheetData>", "</sheetData><sheetData><row r='3'/></sheetData>"), ("</sheetData>", "</sheetData>&"),
    ("</sheetData>", "</sheetData><mergeCells><mergeCell ref='A1:B2'/></mergeCells>"), ("xmlns=", "xmlns:x="),
    ("<worksheet", "<!--x--><worksheet"), ("<worksheet", "<?xml version='1.0'?><worksheet"),
    ("<worksheet", "<!DOCTYPE worksheet [<!ENTITY e 'x'>]><worksheet"), ("<sheetFormatPr", "<sheetFormatPr x='1'"),
    ("<worksheet", '<?xml version="1.0" encoding="latin-1"?><worksheet'), ("<sheetViews>", "<sheetViews><sheetView/>"),
)  # fmt: skip


def wounded(sheet: str, draw: random.Random) -> str:
    """Return a sheet's XML with one or two things written in another way, or wrongly."""
    for _ in range(draw.choice((1, 1, 2))):
        sought, put = draw.choice(WOUNDS)
        places = [match.start() for match in re.finditer(re.escape(sought), sheet)]
        if places:
            at = draw.choice(places)
            sheet = sheet[:at] + put + sheet[at + len(sought) :]
    return sheet
