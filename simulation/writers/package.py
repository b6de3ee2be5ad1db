"""The zip that a .docx or .xlsx is. Its members bear a fixed time, so that equal parts are equal bytes."""

from __future__ import annotations

import io
import zipfile

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

_TIME = (1980, 1, 1, 0, 0, 0)
_OFFICE_TYPE = "application/vnd.openxmlformats-officedocument"
_PART_TYPES = {
    "word/document.xml": "wordprocessingml.document.main",
    "word/header": "wordprocessingml.header",
    "xl/workbook.xml": "spreadsheetml.sheet.main",
    "xl/worksheets/sheet": "spreadsheetml.worksheet",
    "xl/styles.xml": "spreadsheetml.styles",
}


def package(main: str, parts: dict[str, str]) -> bytes:
    """The bytes of a package of `parts` (path → XML), of which `main` is the one to open."""
    relation = f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="{main}"/>'
    # LibreOffice opens no package whose parts have no types.
    types = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    for name in parts:
        kind = next((kind for beginning, kind in _PART_TYPES.items() if name.startswith(beginning)), None)
        if kind:
            types += f'<Override PartName="/{name}" ContentType="{_OFFICE_TYPE}.{kind}+xml"/>'
    fixed = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relation}</Relationships>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (fixed | parts).items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()
