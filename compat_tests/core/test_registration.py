"""Registration into ccxt. Every test runs in an interpreter of its own, because what is tested is a change to somebody else's modules."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MADE_UP = "import compat_tests.core.made_up_room\n"


def python(code: str, *arguments: str, **environment: str) -> str:
    """Runs a program in a fresh interpreter; returns what it printed."""
    paths = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": paths, **environment},
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return result.stdout.strip()


def test_a_new_id_appears_everywhere() -> None:
    python("""
        import ccxt_dex
        report = ccxt_dex.register()
        assert "standx" in report.added and not report.replaced, report
        import ccxt, ccxt.async_support, ccxt.pro
        for module in (ccxt, ccxt.async_support, ccxt.pro):
            assert "standx" in module.exchanges and hasattr(module, "standx")
        assert "standx" in ccxt.__all__ and "standx" in ccxt.async_support.__all__
        assert ccxt.standx is ccxt_dex.sync.standx
        assert ccxt.async_support.standx is ccxt.pro.standx is ccxt_dex.standx
        assert issubclass(ccxt.standx, ccxt.Exchange)
        from ccxt import standx
        from ccxt.pro import standx as streaming
        assert getattr(ccxt, "standx")().id == "standx" and streaming().id == "standx"
        exec("from ccxt import *")
        try:
            ccxt.nosuchdex
        except AttributeError as error:
            assert str(error) == "module 'ccxt' has no attribute 'nosuchdex'"
        else:
            raise AssertionError
    """)


@pytest.mark.parametrize("first", ["ccxt", "ccxt.async_support", "ccxt.pro", "ccxt.pro, ccxt.async_support"])
@pytest.mark.parametrize("replace", [False, True])
def test_the_order_of_imports_does_not_matter(first: str, replace: bool) -> None:
    python(f"""
        {MADE_UP}
        import {first}
        import ccxt_dex
        report = ccxt_dex.register(replace={replace})
        assert ("kraken" in report.replaced, "kraken" in report.kept) == ({replace}, not {replace}), report
        import ccxt.pro, ccxt.async_support
        for module in (ccxt, ccxt.async_support, ccxt.pro):
            assert module.exchanges.count("kraken") == module.exchanges.count("standx") == 1
            assert getattr(module.kraken, "corrected", False) is {replace}
    """)


def test_registration_before_ccxt_is_imported() -> None:
    python(f"""
        {MADE_UP}
        import sys, ccxt_dex
        ccxt_dex.register(replace=True)
        assert "ccxt.pro" not in sys.modules, "what the program does not import is not imported for it"
        from ccxt.pro import kraken
        assert kraken.corrected
        import ccxt.async_support
        assert ccxt.async_support.kraken is kraken and ccxt.kraken.corrected
        from ccxt.pro.kraken import kraken as original
        assert not hasattr(original, "corrected"), "under its full name ccxt's class stays what it is"
    """)


@pytest.mark.parametrize(
    "first",
    ["import ccxt.async_support", "import ccxt; ccxt.kraken", "from ccxt.async_support import kraken", "import ccxt_dex; ccxt_dex.standx"],
)
def test_whatever_is_imported_first_after_registration(first: str) -> None:
    python(f"""
        {MADE_UP}
        import ccxt_dex
        ccxt_dex.register(replace=True)
        {first}
        import ccxt, ccxt.async_support, ccxt.pro
        assert all(module.kraken.corrected for module in (ccxt, ccxt.async_support, ccxt.pro))
    """)


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    python("""
        import sys, ccxt, ccxt.pro, ccxt_dex
        before = set(sys.modules)
        ccxt_dex.register()
        new = {name for name in set(sys.modules) - before if not name.startswith("ccxt_dex.re") and name != "ccxt_dex.hook"}
        assert not [name for name in new if name.startswith("ccxt_dex.exchanges")] and "ccxt_dex.dex" not in new, new
        assert "standx" in ccxt.exchanges
        ccxt.standx
        assert "ccxt_dex.exchanges.standx" in sys.modules
    """)


def test_ccxt_s_own_class_stays_unless_asked() -> None:
    python(f"""
        {MADE_UP}
        import ccxt, ccxt.pro, ccxt.async_support, ccxt_dex
        modules = (ccxt, ccxt.async_support, ccxt.pro)
        own = [module.kraken for module in modules]
        assert ccxt_dex.register() == ccxt_dex.register() and "kraken" in ccxt_dex.register().kept
        assert [module.kraken for module in modules] == own
        assert ccxt_dex.register(replace=["kraken"]).replaced == ["kraken"]
        assert all(module.kraken.corrected for module in modules)
        assert ccxt_dex.register(["standx"]).replaced == ["kraken"], "a later call takes nothing back"
        ccxt_dex.unregister()
        assert [module.kraken for module in modules] == own
    """)


def test_unregister_leaves_ccxt_as_it_was() -> None:
    python(f"""
        {MADE_UP}
        import sys, ccxt, ccxt.pro, ccxt.async_support, ccxt_dex
        modules = (ccxt, ccxt.async_support, ccxt.pro)
        def picture():
            return [(dict(vars(module)), list(module.exchanges), list(getattr(module, "__all__", []))) for module in modules], list(sys.meta_path)
        before = picture()
        ccxt_dex.register(replace=True)
        for module in modules:
            module.standx, module.kraken
        ccxt_dex.unregister()
        ccxt_dex.unregister()
        assert picture() == before
        assert not hasattr(ccxt, "standx")
        ccxt_dex.register(["standx"])
        assert ccxt.standx and not hasattr(ccxt.kraken, "corrected")
    """)


def test_somebody_else_s_lookup_is_kept() -> None:
    python("""
        import ccxt, ccxt_dex
        ccxt.__getattr__ = lambda name: {"theirs": 1}[name] if name == "theirs" else (_ for _ in ()).throw(AttributeError(name))
        theirs = ccxt.__getattr__
        ccxt_dex.register()
        assert ccxt.theirs == 1 and ccxt.standx
        ccxt_dex.unregister()
        assert ccxt.__getattr__ is theirs
    """)


def test_threads_may_register_at_once() -> None:
    python("""
        import threading, ccxt_dex
        barrier, seen = threading.Barrier(8), []
        def register():
            barrier.wait()
            ccxt_dex.register(replace=True)
            import ccxt, ccxt.pro
            seen.append((ccxt.standx, ccxt.pro.standx))
        threads = [threading.Thread(target=register) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join(60)
        import ccxt
        assert len(seen) == 8 and len(set(seen)) == 1 and ccxt.exchanges.count("standx") == 1, seen
    """)


def test_unknown_ids_are_refused() -> None:
    python("""
        import ccxt_dex
        for arguments in ({"ids": ["nosuchdex"]}, {"replace": ["nosuchdex"]}, {"ids": "nosuchdex"}):
            try:
                ccxt_dex.register(**arguments)
            except ValueError as error:
                assert "unknown exchange nosuchdex; ccxt_dex has: " in str(error)
            else:
                raise AssertionError(arguments)
        assert ccxt_dex.register("standx").added == ["standx"]
    """)


def test_a_broken_room_says_so() -> None:
    python("""
        import sys, types
        from ccxt_dex import registry
        registry.IDS = (*registry.IDS, "brokendex")
        sys.modules["ccxt_dex.exchanges.brokendex"] = types.ModuleType("brokendex")
        import ccxt, ccxt_dex
        ccxt_dex.register()
        try:
            ccxt.brokendex
        except ImportError as error:
            assert "could not load brokendex" in str(error)
        else:
            raise AssertionError
    """)


@pytest.mark.parametrize(
    ("value", "registered", "replaced"),
    [
        ("", False, False),
        ("off", False, False),
        ("on", True, False),
        ("1", True, False),
        ("replace", True, True),
        ("replace:kraken", True, True),
        ("replace:standx", True, False),
    ],
)
def test_the_environment_variable(value: str, registered: bool, replaced: bool) -> None:
    python(
        f"""
        {MADE_UP}
        import sys
        from ccxt_dex import hook
        hook.from_environment()
        assert "ccxt" not in sys.modules
        import ccxt, ccxt.pro
        assert hasattr(ccxt, "standx") is hasattr(ccxt.pro, "standx") is ("standx" in ccxt.exchanges) is {registered}
        assert hasattr(ccxt.pro.kraken, "corrected") is {replaced}
        """,
        CCXT_DEX_REGISTER=value,
    )


@pytest.mark.parametrize(
    "modules", [["ccxt", "ccxt.async_support"], ["ccxt.async_support", "ccxt", "ccxt.async_support"], ["ccxt.pro", "ccxt"]]
)
def test_threads_may_import_ccxt_at_once(modules: list[str]) -> None:
    """Some of ccxt's modules are through while another thread is still in the middle of `import ccxt`; nobody gets ccxt's class by chance."""
    python(
        f"""
        {MADE_UP}
        import importlib, sys, threading
        from ccxt_dex import hook
        hook.from_environment()
        sys.setswitchinterval(1e-4)
        together, failed = threading.Barrier({len(modules)}), []
        def arrive(name):
            together.wait()
            try:
                assert importlib.import_module(name).kraken.corrected
            except BaseException as error:
                failed.append((name, error))
        threads = [threading.Thread(target=arrive, args=(name,)) for name in {modules}]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed, failed
        import ccxt, ccxt.async_support, ccxt.pro
        from ccxt.pro.kraken import kraken
        assert all(module.kraken.corrected for module in (ccxt, ccxt.async_support, ccxt.pro)) and not hasattr(kraken, "corrected")
        assert all(module.exchanges.count("standx") == 1 for module in (ccxt, ccxt.async_support, ccxt.pro))
        """,
        CCXT_DEX_REGISTER="replace",
    )


def test_a_wrong_value_is_named() -> None:
    from ccxt_dex import hook

    with pytest.raises(ValueError, match="CCXT_DEX_REGISTER must be on, off, replace or replace:ID,ID, not 'maybe'"):
        hook.setting("maybe")


def test_the_hook_is_light() -> None:
    loaded = python("""
        import sys
        before = set(sys.modules)
        import ccxt_dex.hook
        print(sorted(name for name in set(sys.modules) - before if not name.startswith("ccxt_dex")))
    """)
    heavy = {"ccxt", "asyncio", "aiohttp", "json", "logging", "ssl", "coincurve", "nacl"}
    assert not [name for name in heavy if f"'{name}" in loaded], loaded
