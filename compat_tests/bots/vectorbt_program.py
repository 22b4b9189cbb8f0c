"""What a user of vectorbt writes: candles by an exchange's name or object, once more for what is new, and a backtest on them."""

import json
import sys

import ccxt
import vectorbt as vbt

told = []
for each in json.load(sys.stdin):
    how = {"timeframe": "1m", "start": each["start"], "end": each["end"], "limit": 60, "show_progress": False}
    named = vbt.CCXTData.download(each["symbol"], exchange=each["exchange"], config=each["config"], **how)
    made = vbt.CCXTData.download(each["symbol"], exchange=getattr(ccxt, each["exchange"])(each["config"]), **how)
    frame = named.get()
    close = frame["Close"]
    average = close.rolling(5).mean()
    portfolio = vbt.Portfolio.from_signals(close, close > average, close < average, init_cash=1000, freq="1min")
    told.append(
        {
            "exchange": each["exchange"],
            "times": [int(time.timestamp() * 1000) for time in frame.index],
            "close": list(close),
            "high": list(frame["High"]),
            "same": bool(frame.iloc[:-1].equals(made.get().iloc[:-1])),
            "updated": len(named.update().get()),
            "value": float(portfolio.total_return()),
        }
    )
print(json.dumps(told))
