"""What the official Python SDK 2.0.1 signed and sent with a frozen clock (2026-01-01T00:00:00.123Z), and answers of the documentation.

Keys are throw-aways. `resolution` of the contract is illustrative, so the SDK's fixture said.
"""

from __future__ import annotations

from typing import Any

NOW = 1767225600123
ACCOUNT = "725624476626153743"
API_KEY = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
PASSPHRASE = "pass-Phrase_01"
SECRET = "c2VjcmV0LXRocm93YXdheQ"
TRADING_KEY = "0123456789abcdef" * 4
TRADING_ADDRESS = "0xFCAd0B19bB29D4674531d6f115237E16AfCE377c"
WALLET_KEY = "fedcba9876543210" * 4
WALLET_ADDRESS = "0x6A9296CEb89D12e1F53b2Dd5Df45d3ADB3A814c2"
ORACLE = "79025.030809853284955708"

CONFIG: dict[str, Any] = {
    "apiKey": API_KEY,
    "secret": SECRET,
    "password": PASSPHRASE,
    "uid": ACCOUNT,
    "privateKey": TRADING_KEY,
    "options": {"walletPrivateKey": WALLET_KEY},
}
COIN = {"coinId": "1000", "coinName": "USDC", "stepSize": "0.000001", "showStepSize": "0.0001", "iconUrl": "", "resolution": "1000000"}
BTC = {"coinId": "1001", "coinName": "BTC", "stepSize": "0.001", "showStepSize": "0.001", "iconUrl": "", "resolution": ""}
# composed from the names used by SDK 2.0.1 and measurements of September 2026
CONTRACT: dict[str, Any] = {
    "contractId": "30000001",
    "contractName": "BTCUSDC",
    "baseCoinId": "1001",
    "quoteCoinId": "1000",
    "tickSize": "0.1",
    "stepSize": "0.001",
    "minOrderSize": "0.001",
    "maxOrderSize": "50.000",
    "maxOrderBuyPriceRatio": "0.05",
    "minOrderSellPriceRatio": "0.05",
    "maxPositionSize": "60.000",
    "riskTierList": [
        {"tier": 1, "positionValueUpperBound": "50000", "maxLeverage": "100", "maintenanceMarginRate": "0.005"},
        {"tier": 2, "positionValueUpperBound": "500000", "maxLeverage": "50", "maintenanceMarginRate": "0.01"},
    ],
    "defaultTakerFeeRate": "0.00045",
    "defaultMakerFeeRate": "0.0004",
    "defaultLeverage": "10",
    "enableTrade": True,
    "enableDisplay": True,
    "enableOpenPosition": True,
    "fundingRateIntervalMin": "240",
    "displayMaxLeverage": "100",
    "displayMinLeverage": "1",
    "resolution": "10000000000",
}
GLOBAL = {
    "nativeChainId": "3343",
    "chainId": "3343",
    "contractAddress": "0xeeb3fb05cca17745cbdf193a9b16537efb68fac8",
    "collateralCoinId": "1000",
    "maintenanceReason": "",
}
METADATA: dict[str, Any] = {"global": GLOBAL, "coinList": [COIN, BTC], "contractList": [CONTRACT], "multiChain": {}}
MARKET_INFO = {**CONTRACT, "global": GLOBAL, "baseCoin": BTC, "quoteCoin": COIN}


def answer(data: Any) -> dict[str, Any]:
    stamps = {"requestTime": "1734595526342", "responseTime": "1734595526343", "traceId": "1ee9b62c30925f0df6bd6c8604f32df4"}
    return {"code": "SUCCESS", "data": data, "msg": None, "errorParam": None, **stamps}


# method, path after /api, payload, the text after timestamp, method and path, signature
REQUESTS: tuple[tuple[str, str, dict[str, Any], str, str], ...] = (
    ("GET", "/api/v2/private/account/getAccountAsset", {"accountId": ACCOUNT}, f"accountId={ACCOUNT}",
     "1f09cb381902ea66485bf20773b85977e2af3e8eb4b6c44c8ea8ffaebca6fa1e"),
    ("GET", "/api/v2/private/order/getActiveOrderPage",
     {"accountId": ACCOUNT, "size": "50", "filterContractIdList": "30000001,30000002", "filterTypeList": "LIMIT,STOP_MARKET"},
     f"accountId={ACCOUNT}&filterContractIdList=30000001,30000002&filterTypeList=LIMIT,STOP_MARKET&size=50",
     "d63e3b078e92dff0dc9386ffe2a7a80762b9fff059f3dbcb8034dd5d0236fead"),
    ("GET", "/api/v2/private/order/getOrderById", {"accountId": ACCOUNT, "orderIdList": "726881470857084943,726881470857084944"},
     f"accountId={ACCOUNT}&orderIdList=726881470857084943,726881470857084944",
     "1a8e9555117ddc102984efcb20fda8649ac40d6565f784101f6baf0dcbe3bbd0"),
    ("POST", "/api/v2/private/order/cancelOrderByClientOrderId", {"accountId": ACCOUNT, "clientOrderIdList": ["a1", "b2"]},
     f"accountId={ACCOUNT}&clientOrderIdList=a1&b2", "58d908d3d55d918a2682c02aa9fe681d5a9ebd457bcc54cea3b4ccc84bb3d525"),
    ("POST", "/api/v2/private/order/cancelAllOrder", {"accountId": ACCOUNT, "filterContractIdList": ["30000001"]},
     f"accountId={ACCOUNT}&filterContractIdList=30000001", "335a289c452fc4cf0d16cf72c81208eb9bad0c09022d706f4a59eee6ab424e57"),
    ("POST", "/api/v2/private/account/updateLeverageSetting", {"accountId": ACCOUNT, "contractId": "30000001", "leverage": "20"},
     f"accountId={ACCOUNT}&contractId=30000001&leverage=20", "d02cc8ac927a3ce91c80449b790a597db1d97d4349ebda862850eb5fba2c2f92"),
    ("GET", "/api/v1/private/ws", {"accountId": ACCOUNT, "timestamp": str(NOW)}, f"accountId={ACCOUNT}&timestamp={NOW}",
     "ddc56a7806f4c2c23d3a5a3ce964bebabce4c41f3af8650345e637704af69daf"),
)  # fmt: skip

FULL_BODY: dict[str, Any] = {
    "accountId": ACCOUNT, "contractId": "30000001", "price": "79025.0", "size": "0.001", "type": "LIMIT", "side": "BUY",
    "timeInForce": "GOOD_TIL_CANCEL", "clientOrderId": "ccxt-dex-buy-1", "expireTime": "1769126400123", "l2Nonce": "3354352901",
    "l2Signature": "47304629b8194b6edffe50bf6f8b39f2385118c87de961f6020522ea8e75353424ce77a12c0d3656572a115c125a51791be5deddafe726c44af4804156ad8cb41b",
    "l2ExpireTime": "1769817600123", "l2Value": "79.0250", "l2Size": "0.001", "l2LimitFee": "1", "reduceOnly": False, "triggerPrice": "",
    "triggerPriceType": "", "sourceKey": "", "isPositionTpsl": False, "openTpslParentOrderId": "", "isSetOpenTp": False, "openTp": None,
    "isSetOpenSl": False, "openSl": None, "extraType": "", "extraDataJson": "",
}  # fmt: skip

# name, draft fields, oracle, (nonce, synthetic, collateral, fee), struct hash, digest, signature, X-edgeX-Signature of the body
ORDERS: tuple[tuple[str, dict[str, Any], str | None, tuple[int, int, int, int], str, str, str, str], ...] = (
    ("V2-7", {"type": "LIMIT", "side": "BUY", "size": "0.001", "price": "79025.0", "time_in_force": "GOOD_TIL_CANCEL",
              "client_id": "ccxt-dex-buy-1", "reduce_only": False}, None, (3354352901, 10000000, 79025000, 1000000),
     "d3b8f4a402921fcb0f1963c32a7d4212084edb3193a1d7c8d5e153f423a411d5", "969e1034341ae4032b4ab36a4799c095dcc0d47e638ab249e92b4e3702a467ff",
     "47304629b8194b6edffe50bf6f8b39f2385118c87de961f6020522ea8e75353424ce77a12c0d3656572a115c125a51791be5deddafe726c44af4804156ad8cb41b",
     "78f8be92839c3c6bbe10c265cd3e34a8fd0413553787b79ff554340823b55ef2"),
    ("V2-8", {"type": "LIMIT", "side": "SELL", "size": "0.250", "price": "81000", "time_in_force": "POST_ONLY",
              "client_id": "ccxt-dex-sell-1", "reduce_only": True}, None, (649905128, 2500000000, 20250000000, 10000000),
     "f08a3d90a2a6d97e74ff198dc6f7d2290c1b443193375a037c9e66bb6d467df4", "2daf8506e9e05b9a3c20798f245a180ae69405fbb2aedbe784d5b0f83884fbb7",
     "8e83a66de92061ead9bd52684e4be4fa0a459141571ce6b6d7dbaa953ab35dd9233c40278419b26095a66a878acb21cf84cade325d32215819c20cb47819adcc1c",
     "2188e85e3cb92671117262be499a2904165f6fb6447f089647d08f72b8533cb7"),
    ("V2-9", {"type": "LIMIT", "side": "BUY", "size": "0.010", "price": "79025.1", "time_in_force": "GOOD_TIL_CANCEL",
              "client_id": "ccxt-dex-exp-1", "reduce_only": False, "expires": 1769904000000}, None, (1343027642, 100000000, 790251000, 1000000),
     "08eb2aa740e0054ccda39a6facc2fce1e2e6ef7d23bb790c2513d779b4a8898b", "f05bbaa032aa00a8319b798d6b001efa41d9839a319e0615f13429898c906d36",
     "64945be665f177ba8877685b5a7f6b9cc8e61dc2f91d0c6507b0f8087b7a40190bb118a958e4b72da627dead1ceb4a7d523e618f3aea62c392d0a4509584efd71c",
     "31c6ee750cf79c3b2dd38ff0539f9f73fe2ca5e5c9fbcbe1ce0c400f2925382b"),
    ("V2-10", {"type": "MARKET", "side": "BUY", "size": "0.002", "price": "0", "time_in_force": "IMMEDIATE_OR_CANCEL",
               "client_id": "ccxt-dex-mkt-buy-1", "reduce_only": False}, ORACLE, (1643453070, 20000000, 1580500800, 1000000),
     "321bd5b88a9d9d2728403294ff0d768f5c2e4450efbcbaad9153d5e84efc1d21", "a8030260d7585563b2dd64bfc42cb492f748d56d9e8457afd0e8082e9d2ce5b5",
     "a18420e4ad12456221acc3538e1b01d95429b4210c2f399eca39d27f944a40fb657ab5b08b1acdadd99ac20e75f35b2ea7b4ae4107c1f577ba3bcbccab6e05121c",
     "6a13aac0b23a3fade914af66d14a0574787cbee679559c72e7419557ec2e670c"),
    ("V2-11", {"type": "MARKET", "side": "SELL", "size": "0.002", "price": "0", "time_in_force": "IMMEDIATE_OR_CANCEL",
               "client_id": "ccxt-dex-mkt-sell-1", "reduce_only": False}, None, (3821647816, 20000000, 200, 1000000),
     "5ffe91e2b9fee55ad5f1c897db0f90ff750daa60f02dc9ec419b96e264511058", "b4bb8f34180ca49a0b6bab22a99a48cbe9170b2e80e354ca58c5a22d2f35883f",
     "814cf734567203fa04411a6e01d7ebc04e16e864f8f4d614ef2fce2b117508af43bf9754970def1f967f79d35f6183d1a876ee9914b06364c51cada0047869401c",
     "1c79a20516d9ea4fe91ecfb538d23e67c70dfffada15acb1cc2bd65ccfd8f6f1"),
    ("V2-12", {"type": "STOP_MARKET", "side": "SELL", "size": "0.003", "price": "0", "time_in_force": "IMMEDIATE_OR_CANCEL",
               "client_id": "ccxt-dex-stop-1", "reduce_only": True, "trigger": "75000", "trigger_by": "LAST_PRICE"}, None,
     (288738185, 30000000, 300, 1000000),
     "458f43b639418f947b623db4f6db4a4804d68dfdfb3dd0f1864ed4164544dfd4", "b05ff6118279f1762f4804412c3cc3f59e93fa4818ed4fdaf8aa0e09513f95e6",
     "dc7ac11823db07b62554fdfe29c76f9c92c1b497cb40277a76841fbbc9e6760e2457fae6bce9ad99a2c836e36c9ac3228b4b464f0375055ea3a841f1c5553fb01c",
     "7d5da4502ec6e423d7e1435c92d68dcdfe8b794f7ac090ea997efbb80b32dda8"),
)  # fmt: skip

# V2-13: an order whose openTp came from the caller as it is (its l2Signature a dummy)
TP_LEG = {
    "side": "SELL", "price": "0", "size": "0.001", "clientOrderId": "ccxt-dex-tp-2", "triggerPrice": "90000", "triggerPriceType": "LAST_PRICE",
    "expireTime": "1769126400123", "l2Nonce": "1", "l2Value": "90.000", "l2Size": "0.001", "l2LimitFee": "1", "l2ExpireTime": "1769817600123",
    "l2Signature": "00",
}  # fmt: skip
TP_DIGEST = "e1b307a0aaccee90c6a06547eb23a9dbba771a58cd5ced691b4b8fa02d71d874"
TP_SIGNATURE = (
    "0eb066e0cf56890d353a7acba3d28551181cbd783b16571eda557ad4aeb8f2554c3d63baf66acbccd846b9475d9d8a5ab8754084bf88a72455714500dee3a9981c"
)
TP_HEADER = "3428f6a50da2b2ba61ecc885f6eb9c413fa38d1e1e2036c8d93fc0f47fbc0af8"

MARGIN_MODE = {
    "accountId": ACCOUNT, "contractId": "30000001", "marginMode": "1", "l2Nonce": "1797837339", "l2ExpireTime": "1768438800000",
    "signer": TRADING_ADDRESS,
    "l2Signature": "775aef5051b4bcc3d7dfcef0e2c19cc734d1c3c5570897082e9ea1ab203a7f917c68c0783ec44d0ba912e7e4e472a258133811a00b4120583f786a61ac1c0c8a1b",
}  # fmt: skip
MARGIN_HEADER = "2f24cb8283d9069d041fdd6b69e702cd73ac896fab5b03adb405af3216b34062"
TRANSFER = {
    "accountId": ACCOUNT, "coinId": "1000", "amount": "1.5", "receiverAccountId": "725624476626153744", "clientTransferId": "ccxt-dex-tr-1",
    "transferReason": "USER_TRANSFER", "l2Nonce": "3490633684", "l2ExpireTime": "1768089600123",
    "l2Signature": "7040a15214a695ca0ddfdaac3f456609cb709109b805b1e107a8d95242a239523ea0ae6b667f16adae6e286130e46ab0d6a1dee952d7900e8899161435e49a9e1b",
}  # fmt: skip
TRANSFER_HEADER = "84f07e15f7bb256c825b94a89897ddc8758bdc8df131e1242196b3e2f1136819"

ATTEMPT = {
    "userAddress": WALLET_ADDRESS, "privyAddress": "0x" + "0" * 40, "source": "spot", "sourceAccount": ACCOUNT,
    "tokenAddress": "0x98d2919b9A214E6Fa5384AC81E6864bA686Ad74c", "amount": "4900000", "fee": "100000", "destination": "chain-3343",
    "destinationAccount": WALLET_ADDRESS, "clientWithdrawId": "797262983856459776", "expireTime": 1767225900,
}  # fmt: skip
FLOW_NAMES = (
    "userId userAddress privyAddress source sourceAccount tokenAddress amount fee destination destinationAccount clientWithdrawId expireTime"
).split()
FLOW_DOMAIN = {"name": "edgeX Asset Flow", "version": "1", "verifyingContract": "0x000000000000000000000000000000000000eD9E"}
FLOW_DIGEST = "a5d60bbf600fbb1e2b2b7038d761921f7355014d84de5e6dd96df64e84207f96"
FLOW_SIGNATURE = (
    "0xba9b82d3fb82499870f361fb037c5f8a92de2ca00ef9bf509304d7e6675ecf2d68bb140b15c21844b8e32578be18dc77ed2dfee451da8594e31973a4e4c80cf41c"
)
FLOW_HEADERS = {
    "getFeeByAssetFlow": "c267f0589ca3434440d742de35e8db0694b122f3c6fa5556c9a3bd00db95e91e",
    "getEIP712Data": "5cdd634f698b2609aee9bcea8f8cd99cd310c1d1823e775a52014f409842c2d1",
    "submitAssetFlow": "cf5c307737e2c8c4b5edc22a593ecc57607ebe1125c8b132a0aaa90142facbe5",
}
