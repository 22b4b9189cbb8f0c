"""Base classes of the configs that scripts declare; pydantic models, as hummingbot's are."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ccxt_dex.bots.hummingbot.words import MarketDict

__all__ = ["BaseClientModel", "CandlesConfig", "ClientFieldData", "StrategyV2ConfigBase"]


class BaseClientModel(BaseModel):
    model_config = ConfigDict(validate_assignment=True, arbitrary_types_allowed=True)


class ClientFieldData(BaseModel):
    """How older scripts say what hummingbot asks its user; nothing asks here."""

    prompt: Any = None
    prompt_on_new: bool = False
    is_secure: bool = False
    is_connect_key: bool = False


class CandlesConfig(BaseModel):
    """Which candles: `interval` like 1m, `max_records` rows."""

    connector: str
    trading_pair: str
    interval: str = "1m"
    max_records: int = 500


class StrategyV2ConfigBase(BaseClientModel):
    """Base of every script's config; `update_markets` says where it wants to trade."""

    script_file_name: str = ""
    controllers_config: list[str] = Field(default=[])

    @field_validator("controllers_config", mode="before")
    @classmethod
    def parse_controllers_config(cls, value: Any) -> Any:
        if isinstance(value, str):
            return [item.strip() for item in value.split(",") if item.strip()]
        return [] if value is None else value

    @staticmethod
    def parse_markets_str(text: str) -> dict[str, set[str]]:
        """exchange.pair,pair:exchange.pair -> exchange -> pairs"""
        found = {}
        for entry in filter(None, text.strip().split(":")):
            exchange, dot, listed = entry.partition(".")
            if not dot or not listed or "." in listed:
                raise ValueError(f"{entry!r} is not of the form exchange.pair,pair")
            found[exchange] = set(listed.split(","))
        return found

    @staticmethod
    def parse_candles_config_str(text: str) -> list[CandlesConfig]:
        """exchange.pair.interval.records:... -> configs"""
        configs = []
        for entry in filter(None, text.strip().split(":")):
            parts = entry.split(".")
            if len(parts) != 4 or not parts[3].isdigit():
                raise ValueError(f"{entry!r} is not of the form exchange.pair.interval.records")
            configs.append(CandlesConfig(connector=parts[0], trading_pair=parts[1], interval=parts[2], max_records=int(parts[3])))
        return configs

    def load_controller_configs(self) -> list[Any]:
        """:raises NotImplementedError: controllers need hummingbot itself"""
        if self.controllers_config:
            raise NotImplementedError("controllers and executors need hummingbot itself")
        return []

    def update_markets(self, markets: MarketDict) -> MarketDict:
        return markets
