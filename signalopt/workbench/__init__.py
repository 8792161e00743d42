"""The workbench: a local page on which an analyst drags timings and sees what they are worth.

Every module knows one thing: `edits` what may be changed, `locks` what stays, `history` undo and
redo, `bench` the state of it all, `jobs` an optimisation in the background; `views` and `pictures`
what the page shows, `layout` and `callbacks` the page in Dash, `security` who may ask, `exports`
what may be downloaded, `server` how it is served.
"""
