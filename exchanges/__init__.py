"""One room per exchange, installed as ccxt_dex.exchanges."""
