"""From the stores of the published systems into this project's, once and completely accounted for.

See `python -m energy_assets.migrate --help`. Nothing here reads meter files.
"""
