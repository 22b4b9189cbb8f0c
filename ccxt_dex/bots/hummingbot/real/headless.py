"""Runs a script on hummingbot itself, without its screen: `python -m ccxt_dex hummingbot` where hummingbot is installed."""

# pyright: reportMissingImports=false
from __future__ import annotations

import asyncio
import importlib
import inspect
import logging
import os
import signal
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from ccxt_dex.bots.hummingbot.application import data_path
from ccxt_dex.bots.hummingbot.script import ScriptError, build_config
from ccxt_dex.bots.hummingbot.venues import Venues, read_connectors

__all__ = ["run"]

logger = logging.getLogger("ccxt_dex.hummingbot")
# ask the internet or a gateway that is not there
_NOISE = ("sqlalchemy", "hummingbot.core.gateway", "hummingbot.core.rate_oracle")
_SETTLING = 0.2
_AGAIN = 2.0


def run(
    script: Path,
    settings: Mapping[str, Any],
    connectors: Path | None,
    aliases: Mapping[str, str],
    seconds: float | None,
    status_every: float | None,
) -> NoReturn:
    """As the command does it with our own modules; ends the process, with status 1 when orders may have been left.

    :raises ScriptError: the script, its settings or a connector cannot be used
    """
    for name in _NOISE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if not script.is_file():
        raise ScriptError(f"no such file: {script}")
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    work = _session(script, dict(settings), Venues(read_connectors(connectors), aliases), seconds, status_every)
    status = loop.run_until_complete(work)
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    if pending:
        loop.run_until_complete(asyncio.wait(pending, timeout=_SETTLING * 5))
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # threads of hummingbot's that look up names on the internet would keep the process for minutes
    os._exit(status)


class _Application:
    """What strategies want of hummingbot's application when there is no screen."""

    _mqtt = None
    markets_recorder = None

    def __init__(self, core: Any, stop: asyncio.Event) -> None:
        self.trading_core, self._stop = core, stop

    def notify(self, msg: str, *_: Any) -> None:
        _say(msg)

    def stop(self, *_: Any, **__: Any) -> None:
        self._stop.set()


def _say(text: Any) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _core(script: Path, stop: asyncio.Event) -> Any:
    import hummingbot.client.hummingbot_application as application
    import hummingbot.client.settings as places
    from hummingbot.client.config.client_config_map import ClientConfigMap
    from hummingbot.client.config.config_helpers import ClientConfigAdapter
    from hummingbot.core.trading_core import TradingCore

    # installed as a package hummingbot looks for these beside itself
    importlib.import_module("hummingbot").set_data_path(data_path())
    places.CONTROLLERS_CONF_DIR_PATH = Path.cwd() / "conf" / "controllers"
    sys.path.insert(0, str(Path.cwd()))
    package = types.ModuleType(places.SCRIPT_STRATEGIES_MODULE)
    package.__path__ = [str(script.resolve().parent)]
    sys.modules[places.SCRIPT_STRATEGIES_MODULE] = package
    core = TradingCore(ClientConfigAdapter(ClientConfigMap()), script.resolve().parent)
    shown = _Application(core, stop)
    application.HummingbotApplication.main_application = classmethod(lambda cls, *_, **__: shown)
    return core


async def _session(script: Path, settings: dict[str, Any], venues: Venues, seconds: float | None, status_every: float | None) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    core = _core(script, stop)
    exchanges: dict[str, Any] = {}
    try:
        core.strategy_name = core._strategy_file_name = script.stem
        core._config_data = settings
        await _connect(core, script, settings, venues, exchanges)
        if not await core.start_strategy(script.stem, settings):
            raise ScriptError(f"hummingbot could not start {script.name}; its log says why")
        await _wait(core, stop, seconds, status_every)
        _say(_status(core))
        return await _stop(core)
    finally:
        for connector in core.connectors.values():
            await connector.stop_network()
        for exchange in exchanges.values():
            await exchange.close()
        await venues.aclose()


async def _connect(core: Any, script: Path, settings: dict[str, Any], venues: Venues, exchanges: dict[str, Any]) -> None:
    """Connectors first: asked for by a strategy alone, hummingbot wants keys from its own store."""
    from hummingbot.exceptions import InvalidScriptModule

    from ccxt_dex.bots.hummingbot.real.plug import plug

    try:
        strategy, config = core.load_v2_class(script.stem)
    except ModuleNotFoundError as error:
        raise ScriptError(f"{script.name} needs {error.name}, which is not here") from error
    except InvalidScriptModule as error:
        raise ScriptError(str(error)) from None
    except ValueError:
        raise ScriptError(f"{script.name} does not take these settings: {', '.join(settings)}") from None
    build_config(type(config), settings)
    for name, pairs in strategy.markets.items():
        exchanges[name] = await venues.create(name)
        try:
            plug(name, exchanges[name])
        except ValueError as error:
            raise ScriptError(str(error)) from None
        await core.create_connector(name, sorted(pairs), True, {"exchange": name})


async def _wait(core: Any, stop: asyncio.Event, seconds: float | None, status_every: float | None) -> None:
    loop = asyncio.get_running_loop()
    end = None if seconds is None else loop.time() + seconds
    while not stop.is_set() and (end is None or loop.time() < end):
        pause = min(status_every or 3600.0, 3600.0 if end is None else end - loop.time())
        waiter = asyncio.ensure_future(stop.wait())
        await asyncio.wait([waiter], timeout=max(pause, 0.0))
        waiter.cancel()
        if status_every is not None and not stop.is_set():
            _say(_status(core))


def _status(core: Any) -> str:
    try:
        return str(core.strategy.format_status())
    except Exception as error:
        return f"no status: {type(error).__name__}: {error}"


async def _stop(core: Any, patience: float = 20.0) -> int:
    """The script's on_stop, then every order; the clock goes on meanwhile, as the venue's answers come through it."""
    loop = asyncio.get_running_loop()
    try:
        result = core.strategy.on_stop()
        if inspect.isawaitable(result):
            await result
    except Exception:
        logger.exception("the script's on_stop failed")
    connectors, deadline = list(core.connectors.values()), loop.time() + patience
    asked: dict[str, float] = {}
    while any(connector.in_flight_orders for connector in connectors) and loop.time() < deadline:
        for connector in connectors:
            for order in list(connector.in_flight_orders.values()):
                if _to_cancel(order, asked, loop.time()):
                    asked[order.client_order_id] = loop.time()
                    connector.cancel(order.trading_pair, order.client_order_id)
        await asyncio.sleep(_SETTLING)
        for connector in connectors:
            await connector._update_order_status()
    left = [(connector.name, order) for connector in connectors for order in connector.in_flight_orders.values()]
    for name, order in left:
        logger.error("%s order %s (%s) may still live: look at the venue", name, order.client_order_id, order.exchange_order_id)
    await core.stop_strategy()
    await core.stop_clock()
    return 1 if left else 0


def _to_cancel(order: Any, asked: Mapping[str, float], now: float) -> bool:
    """Whether it is time to cancel, or to try again; a cancel that waits for the venue's id waits by itself."""
    if order.client_order_id not in asked:
        return True
    waiting = order.exchange_order_id is None or order.is_pending_cancel_confirmation
    return not waiting and now - asked[order.client_order_id] > _AGAIN
