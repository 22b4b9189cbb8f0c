"""A connector for hummingbot itself (20260922, Python 3.12 or later) over any perpetual exchange of ccxt's, and a way to run without its screen.

Only imported where hummingbot is installed. `headless.run` runs a script; `plug.plug(name, exchange)` makes hummingbot know a connector.
"""
