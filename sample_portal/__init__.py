"""A small DATA.GOV.HK that behaves as the real one does, and lies as it does.

`catalogue` says what a portal is, `server` (with `site`, `portal_api`, `archive`, `certificates`, `http_faults`) speaks
HTTP for any such catalogue, and `sample` is the seeded one: `plan` decides what each dataset is to be, `generator`
draws it up sound from `names`, `topics.csv`, `frequencies` and `tables`, `bodies` and `binaries` write its files,
`faults_*` and `wholes` bend it, `alikes_*` only seem to, `natures` and `truth` list what is there to be found. `week`
(with `week_*` and `courses`) adds links that behave by the time. `recorded` serves recorded files through the same
server. It shares no code and no constants with the product.
"""
