"""`crowdsafe audit`: what it prints, writes and answers."""

import csv
import sys
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from crowdsafe.errors import BadInput
from crowdsafe.hub.audit_commands import app
from crowdsafe.hub.store import AuditEntry, Store
from crowdsafe.hub.store.chain import entry_hash
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.export import COLUMNS


@pytest.fixture
def config(tmp_path: Path, store: Store, store_url: str) -> Path:
    """Settings with a record of one entry an hour, from local midnight of 7 August 2026 on."""
    begin_s = datetime.fromisoformat("2026-08-07").timestamp()
    for hour in range(30):
        detail = {"text": f'"ä", {hour}\n=1+1', "value": hour / 3}
        store.audit.append(AuditEntry(begin_s + 3600 * hour, "=guest", "looked", "x", detail))
    file = tmp_path / "crowdsafe.toml"
    file.write_text(f'[hub]\ndatabase_url = "{store_url}"\n')
    return file


def _run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_record_that_is_right_is_said_to_be_with_its_head(config: Path, store: Store) -> None:
    result = _run("verify", "--config", str(config))
    assert result.exit_code == 0
    head = store.audit.verify().head_hash
    assert result.stdout == (f"audit: entries 1 to 30 are as they were written\nhead {head}\n")
    store.audit.append(AuditEntry(1e10, "guest", "looked", "x"))
    assert _run("verify", "--head", head, "--config", str(config)).exit_code == 0


def test_a_record_that_is_not_right_names_the_entry(config: Path, database: Database) -> None:
    with database.writing() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER audit_stays")
        else:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
        connection.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE seq = 17")
    result = _run("verify", "--config", str(config))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "audit: changed: entry 17 was changed" in result.stderr


def test_a_head_that_is_not_there_is_named(config: Path) -> None:
    result = _run("verify", "--head", "0123456789abcdef" * 4, "--config", str(config))
    assert result.exit_code == 1
    assert "audit: cut off: no entry has the hash 0123456789abcdef" in result.stderr


def test_a_head_that_is_no_hash_is_refused(config: Path) -> None:
    with pytest.raises(BadInput, match="--head: '17', expected the 64 digits"):
        _run("verify", "--head", "17", "--config", str(config))


def test_an_export_holds_all_that_is_hashed(config: Path, tmp_path: Path, store: Store) -> None:
    out = tmp_path / "record.csv"
    result = _run("export", "--out", str(out), "--config", str(config))
    assert (result.exit_code, result.stdout) == (0, f"{out}: 30 entries\n")
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    for row, entry in zip(rows, store.audit.entries(), strict=True):
        assert datetime.fromisoformat(row["at"]).timestamp() == entry.at_s
        assert (
            row["hash"]
            == entry.hash
            == entry_hash(
                prev_hash=row["prev_hash"],
                at_s=float(row["at_s"]),
                actor=row["actor"],
                action=row["action"],
                subject=row["subject"],
                detail=row["detail"],
            )
        )
    assert sorted(each.name for each in tmp_path.glob("*record*")) == ["record.csv"]


def test_parquet_holds_the_same(config: Path, tmp_path: Path, store: Store) -> None:
    out = tmp_path / "record.parquet"
    _run("export", "--out", str(out), "--config", str(config))
    rows = pq.read_table(out).to_pylist()
    assert tuple(rows[0]) == COLUMNS
    for row, entry in zip(rows, store.audit.entries(), strict=True):
        assert row["at"].timestamp() == pytest.approx(entry.at_s, abs=1e-6)
        del row["at"]
        assert tuple(row.values()) == entry


@pytest.mark.parametrize(
    ("span", "seqs"),
    [
        (("--from", "2026-08-07T18:00", "--to", "2026-08-07T20:00"), [19, 20]),
        (("--from", "2026-08-08"), [25, 26, 27, 28, 29, 30]),
        (("--to", "2026-08-07T01:30"), [1, 2]),
        (("--from", "2027-01-01"), []),
    ],
)
def test_a_span_is_of_local_time_and_without_its_end(
    config: Path, tmp_path: Path, span: tuple[str, ...], seqs: list[int]
) -> None:
    for name in ("record.csv", "record.parquet"):
        _run("export", "--out", str(tmp_path / name), *span, "--config", str(config))
    with (tmp_path / "record.csv").open(encoding="utf-8", newline="") as file:
        assert [int(row["seq"]) for row in csv.DictReader(file)] == seqs
    assert pq.read_table(tmp_path / "record.parquet")["seq"].to_pylist() == seqs


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--out", "record.txt"), "record.txt: expected a name that ends with .csv or .parquet"),
        (("--out", "no/such/record.csv"), "there is no folder no/such"),
        (("--out", "x.csv", "--from", "friday"), "--from: 'friday', expected a date or time"),
        (("--out", "x.csv", "--to", "2026-13-01"), "--to: '2026-13-01', expected a date"),
        (
            ("--out", "x.csv", "--from", "2026-08-08", "--to", "2026-08-07"),
            "--to: 2026-08-07 is not after --from, 2026-08-08",
        ),
    ],
)
def test_an_export_that_cannot_be_is_one_sentence(
    config: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(BadInput) as error:
        _run("export", *arguments, "--config", str(config))
    assert sentence in str(error.value)


def test_without_pyarrow_parquet_is_refused_with_what_to_install(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(BadInput, match=r"pip install crowdsafe\[parquet\]"):
        _run("export", "--out", str(tmp_path / "record.parquet"), "--config", str(config))
    assert not list(tmp_path.glob("*.parquet"))


def test_an_export_that_breaks_off_leaves_the_file_that_was_there(
    config: Path, tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "record.csv"
    out.write_text("from before")

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(BadInput, match="cannot be written \\(No space left on device\\)"):
        _run("export", "--out", str(out), "--config", str(config))
    assert out.read_text() == "from before"
    assert [each.name for each in tmp_path.glob("*record*")] == ["record.csv"]
