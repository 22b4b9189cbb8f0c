"""What a venue refuses before an order gets anywhere near the book."""

from __future__ import annotations

from decimal import Decimal

from . import margin, spot
from .accounts import Account
from .book import OPPOSITE
from .ledger import Ledger
from .numbers import is_multiple
from .types import ZERO, NewOrder, Order, Reject, Side
from .world import MarketState, World

HUGE = Decimal("1e15")


def check_terms(world: World, account: Account, new: NewOrder) -> None:
    """Is it an order that this market can have? Raises Reject."""
    state = world.state(new.market)
    if not state.market.active:
        raise Reject("market_closed", f"{new.market} is closed")
    if new.side not in ("buy", "sell"):
        raise Reject("bad_side", f"side {new.side!r}")
    if new.type not in ("limit", "market") or new.tif not in ("gtc", "ioc", "fok", "alo") or (new.type, new.tif) == ("market", "alo"):
        raise Reject("unsupported", f"order type {new.type!r} with time in force {new.tif!r}")
    if new.expires_ms is not None and new.expires_ms <= world.time:
        raise Reject("expired", "expiry is not in the future")
    _check_price(state, new)
    if not (new.close_position and new.qty == 0):
        _check_qty(account, state, new)
    _check_triggers(world, state, new)
    if state.market.spot:
        spot.check_terms(state.market, new)


def _check_price(state: MarketState, new: NewOrder) -> None:
    market = state.market
    if new.max_price is not None and not ZERO < new.max_price < HUGE:
        raise Reject("bad_price", f"worst price {new.max_price}")
    if new.type == "market":
        return
    check_tick(state, new.price, "bad_price")
    band = market.price_band
    if band is not None and new.trigger is None and new.price is not None and abs(new.price - state.mark) > band * state.mark:
        raise Reject("price_band", f"price {new.price} is more than {band} away from the mark {state.mark}")


def check_tick(state: MarketState, price: Decimal | None, code: str) -> None:
    if price is None or not price.is_finite() or not ZERO < price < HUGE:
        raise Reject(code, f"price {price}")
    if not is_multiple(price, state.market.tick):
        raise Reject("off_tick", f"price {price} is not a multiple of the price tick {state.market.tick}")


def _check_qty(account: Account, state: MarketState, new: NewOrder) -> None:
    market, qty = state.market, new.qty
    if not qty.is_finite() or not ZERO < qty < HUGE:
        raise Reject("bad_qty", f"quantity {qty}")
    if not is_multiple(qty, market.step):
        raise Reject("off_step", f"quantity {qty} is not a multiple of the step {market.step}")
    if qty > market.max_qty:
        raise Reject("above_max", f"quantity {qty} is above the maximum {market.max_qty}")
    # What is left of a position may be smaller than the smallest order, and must be closable.
    if new.reduce_only and qty == abs(account.qty(market.id)):
        return
    if qty < market.min_qty:
        raise Reject("below_min", f"quantity {qty} is below the minimum {market.min_qty}")
    price = new.price if new.type == "limit" and new.price is not None else new.trigger or state.mark
    if not new.reduce_only and qty * price < market.min_cost:
        raise Reject("below_min_cost", f"value {qty * price} is below the minimum {market.min_cost}")


def _check_triggers(world: World, state: MarketState, new: NewOrder) -> None:
    if new.close_position and new.trigger is None:
        raise Reject("bad_trigger", "a close-position order needs a trigger price")
    if new.trigger is not None:
        check_tick(state, new.trigger, "bad_trigger")
        if world.rules.trigger_reached == "reject" and reached(state, new, new.trigger):
            raise Reject("bad_trigger", f"trigger price {new.trigger} is already reached")
    if new.take_profit is None and new.stop_loss is None:
        return
    if new.reduce_only or new.close_position:
        raise Reject("bad_trigger", "an order that only closes cannot carry take-profit or stop-loss")
    around = new.price if new.type == "limit" else new.trigger
    check_exits(state, new.side, around or state.mark, new.take_profit, new.stop_loss)
    for limit in (new.take_profit_limit, new.stop_loss_limit):
        if limit is not None:
            check_tick(state, limit, "bad_price")


def check_exits(state: MarketState, side: Side, around: Decimal, take_profit: Decimal | None, stop_loss: Decimal | None) -> None:
    """Take-profit on the winning side of `around` for a position of this side, stop-loss on the losing one."""
    for level, above in ((take_profit, side == "buy"), (stop_loss, side == "sell")):
        if level is not None:
            check_tick(state, level, "bad_trigger")
            if level <= around if above else level >= around:
                raise Reject("bad_trigger", f"trigger price {level} is on the wrong side of {around}")


def reached(state: MarketState, new: NewOrder, trigger: Decimal) -> bool:
    """Whether the trigger price is at or beyond the level."""
    current = {"mark": state.mark, "last": state.last, "index": state.index}[new.trigger_by]
    if new.trigger_above is None:
        return current == trigger
    return current >= trigger if new.trigger_above else current <= trigger


def check_room(world: World, ledger: Ledger, account: Account, new: NewOrder, qty: Decimal, without: Order | None = None) -> Decimal:
    """Does the account have room for it? Returns the quantity that may be ordered, raises Reject.

    qty: what is still to be filled. without: an order that this one takes the place of.
    """
    state = world.states[new.market]
    _check_client_id(world, account, new, without)
    if len(account.open.get(new.market, {})) - (without is not None) >= world.rules.max_open_orders:
        raise Reject("too_many_orders", f"{world.rules.max_open_orders} open orders")
    _check_settings(world, account, state, new)
    if new.reduce_only or new.close_position:
        return _bounded(world, account, state, new, qty, without)
    if new.trigger is None:
        check_funds(world, ledger, account, new, qty, without)
    return qty


def _check_client_id(world: World, account: Account, new: NewOrder, without: Order | None) -> None:
    if new.client_id is None or (without is not None and new.client_id == without.request.client_id):
        return
    known = account.by_client.get(new.client_id)
    if known is None:
        return
    if world.rules.client_ids_unique == "all" or account.orders[known].status in ("open", "untriggered"):
        raise Reject("duplicate_client_id", f"client order id {new.client_id} is taken")


def _check_settings(world: World, account: Account, state: MarketState, new: NewOrder) -> None:
    """Leverage and margin mode given with an order change the settings of a flat market, and must match those of one that is not."""
    market = state.market
    if new.margin_mode is not None and new.margin_mode != margin.margin_mode(world, account, market):
        check_mode_change(account, state, new.margin_mode)
        account.margin_mode[market.id] = new.margin_mode
    if new.leverage is not None and new.leverage != margin.leverage(world, account, market):
        check_leverage(state, new.leverage)
        if account.qty(market.id) or account.open.get(market.id):
            raise Reject("leverage", "leverage differs from that of the position or open orders")
        account.leverage[market.id] = new.leverage


def check_leverage(state: MarketState, leverage: int) -> None:
    if not 1 <= leverage <= state.market.max_leverage:
        raise Reject("leverage", f"leverage {leverage} is not between 1 and {state.market.max_leverage}")


def check_mode_change(account: Account, state: MarketState, mode: str) -> None:
    if mode not in ("cross", "isolated"):
        raise Reject("margin_mode", f"margin mode {mode!r}")
    if state.market.isolated_only and mode == "cross":
        raise Reject("margin_mode", f"{state.market.id} is isolated only")
    if account.qty(state.market.id) or account.open.get(state.market.id):
        raise Reject("margin_mode", "margin mode cannot change with an open position or open orders")


def _bounded(world: World, account: Account, state: MarketState, new: NewOrder, qty: Decimal, without: Order | None) -> Decimal:
    held = account.qty(new.market)
    if not held and new.close_position:
        raise Reject("no_position", f"no position in {new.market}")
    size = max(held if new.side == "sell" else -held, ZERO)
    if new.close_position:
        if not size:
            raise Reject("reduce_only", "this side would increase the position")
        return size
    bound = max(size - _pending(world, account, new, without), ZERO)
    if qty <= bound:
        return qty
    if bound and world.rules.reduce_only_excess == "shrink":
        return bound
    raise Reject("reduce_only", f"reduce-only quantity {qty} exceeds what is left of the position: {bound}")


def _pending(world: World, account: Account, new: NewOrder, without: Order | None) -> Decimal:
    """What other reduce-only orders will take; a trigger order is bounded by the position alone, unless the venue counts triggers."""
    counted = ("open", "untriggered") if world.rules.reduce_only_counts_triggers else ("open",)
    if new.trigger is not None and not world.rules.reduce_only_counts_triggers:
        return ZERO
    groups: dict[int, Decimal] = {}
    for order in account.open.get(new.market, {}).values():
        request = order.request
        if order is without or order.status not in counted or not request.reduce_only or request.close_position or request.side != new.side:
            continue
        group = order.oco if order.oco is not None else -order.id
        groups[group] = max(groups.get(group, ZERO), order.remaining)
    return sum(groups.values(), ZERO)


def check_funds(world: World, ledger: Ledger, account: Account, new: NewOrder, qty: Decimal, without: Order | None = None) -> None:
    """Margin and fee of the part that opens must be free; closing is always possible."""
    state = world.states[new.market]
    if state.market.spot:
        ledger.relock_stale()
        spot.check_funds(world, account, state, new, qty, without)
        return
    opening = qty - min(qty, ledger.closable(account, new.market, new.side, without))
    if not opening:
        return
    price = _expected_price(state, new)
    _, locked = margin.reserve(world, account, state.market, qty, opening, price)
    ledger.relock_stale()
    margin.require_free(world, account, locked - (without.locked if without is not None else ZERO))


def _expected_price(state: MarketState, new: NewOrder) -> Decimal:
    best = state.book.sides[OPPOSITE[new.side]].next()
    meets = best[0] if best is not None else state.mark
    if new.type == "market" or new.price is None:
        return meets
    return new.price if new.side == "buy" else max(new.price, meets)
