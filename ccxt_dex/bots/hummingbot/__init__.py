"""hummingbot's scripts on any ccxt exchange, without hummingbot: `python -m ccxt_dex hummingbot SCRIPT.py`.

`modules.install()` puts modules under hummingbot's names into sys.modules where hummingbot is not installed; `Runner` runs a strategy class
on exchange objects. For hummingbot itself see `ccxt_dex.bots.hummingbot.real`.
"""
