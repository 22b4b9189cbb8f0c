"""Makes hummingbot know connectors that are not among its files."""

# pyright: reportMissingImports=false
from __future__ import annotations

import sys
import types
from decimal import Decimal
from typing import Any

from hummingbot.client.settings import AllConnectorSettings, ConnectorSetting, ConnectorType
from hummingbot.core.data_type.trade_fee import TradeFeeSchema

from ccxt_dex.bots.hummingbot.real.connector import CcxtPerpetualDerivative

__all__ = ["plug"]


def plug(name: str, exchange: Any) -> type[CcxtPerpetualDerivative]:
    """Put a connector over an exchange object among hummingbot's, in the place of one of the same name.

    :param name: must contain "perpetual", from which hummingbot and scripts see what it is
    :raises ValueError: another name
    """
    if "perpetual" not in name or name.endswith("_paper_trade"):
        raise ValueError(f"on hummingbot itself a connector of ours must be called ..._perpetual, not {name}")
    setting = ConnectorSetting(
        name=name,
        type=ConnectorType.Derivative,
        example_pair="BTC-USD",
        centralised=True,
        use_ethereum_wallet=False,
        trade_fee_schema=TradeFeeSchema(maker_percent_fee_decimal=Decimal("0.0002"), taker_percent_fee_decimal=Decimal("0.0005")),
        config_keys=None,
        is_sub_domain=False,
        parent_name=None,
        domain_parameter=None,
        use_eth_gas_lookup=False,
    )
    AllConnectorSettings.get_connector_settings()[name] = setting
    made = type(setting.class_name(), (CcxtPerpetualDerivative,), {"connector_name": name, "exchange": exchange})
    path = setting.module_path()
    for each in (path.rpartition(".")[0], path):
        module = types.ModuleType(each)
        module.__path__ = []
        sys.modules[each] = module
    setattr(sys.modules[path], made.__name__, made)
    return made
