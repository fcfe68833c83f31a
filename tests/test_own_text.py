"""The reader's own text: what is accepted, and what each mistake is called."""

import gzip

import pytest

from course.data.corpora import Pair, read_parallel, read_tsv
from course.data.own_text import read_lines
from course.errors import CourseError


@pytest.fixture
def write(tmp_path):
    """Write bytes or text to a file of the given name and return its path."""

    def to(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to


def test_two_files(write):
    src = write("a.en", "The cat.\nThe dog.\n")
    tgt = write("a.fr", "Le\u202fchat.\n  Le chien.")  # no line end at the end
    expected = [Pair("The cat.", "Le chat."), Pair("The dog.", "Le chien.")]
    assert read_parallel(src, tgt) == expected
    assert read_parallel(str(src), str(tgt)) == expected


def test_one_file_with_tabs(write):
    path = write("a.tsv", "The cat.\tLe chat.\tmore\tcolumns\n\nThe dog.\tLe chien.\n")
    assert read_tsv(path) == [Pair("The cat.", "Le chat."), Pair("The dog.", "Le chien.")]


def test_only_a_newline_ends_a_line(write):
    src = write("a.en", "one\u2028two\x85three\x0bfour\x0cfive\x1csix\rseven\neight\n")
    tgt = write("a.fr", "un\nhuit\n")
    assert read_parallel(src, tgt) == [
        Pair("one two three four five six seven", "un"),
        Pair("eight", "huit"),
    ]


def test_byte_order_mark_and_windows_line_ends(write):
    src = write("a.en", b"\xef\xbb\xbfone\r\ntwo\r\n")
    assert read_lines(src) == ["one", "two"]
    assert read_tsv(write("a.tsv", b"\xef\xbb\xbfone\tun\r\ntwo\tdeux\r\n"))[1] == ("two", "deux")


def test_gzip(write, tmp_path):
    src = write("a.en.gz", gzip.compress(b"one\ntwo\n"))
    assert read_lines(src) == ["one", "two"]
    cut = write("cut.gz", gzip.compress(b"one\ntwo\n" * 1000)[:-9])
    for path in (cut, write("plain.gz", "one\n")):
        with pytest.raises(CourseError, match="is not a whole gzip file"):
            read_lines(path)


def test_blank_sides_are_left_out_with_their_partner(write):
    src = write("a.en", "one\n\n \u00a0\nfour\nfive\n")
    tgt = write("a.fr", "un\ndeux\ntrois\n\ncinq\n")
    assert read_parallel(src, tgt) == [Pair("one", "un"), Pair("five", "cinq")]
    assert read_tsv(write("a.tsv", "one\tun\ntwo\t \n\ttrois\n")) == [Pair("one", "un")]


def test_different_line_counts_name_both(write):
    src, tgt = write("a.en", "one\ntwo\nthree\n"), write("a.fr", "un\ndeux\n")
    with pytest.raises(CourseError, match=r"a\.en has 3 lines and .*a\.fr has 2"):
        read_parallel(src, tgt)
    # A blank line at the end counts: dropping it here or there would shift nothing, but hide much.
    with pytest.raises(CourseError, match="has 3 lines and .* has 4"):
        read_parallel(src, write("b.fr", "un\ndeux\ntrois\n\n"))


@pytest.mark.parametrize("content", [b"", b"\n\n", b" \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file(write, content):
    good = write("a.en", "one\n")
    with pytest.raises(CourseError, match=r"empty\.txt is empty"):
        read_parallel(good, write("empty.txt", content))
    with pytest.raises(CourseError, match=r"empty\.txt is empty"):
        read_tsv(write("empty.txt", content))


@pytest.mark.parametrize(
    ("content", "line", "byte"),
    [
        ("one\ntwo\ndéjà\n".encode("latin-1"), 3, "E9"),
        ("one\n".encode("utf-16"), 1, "FF"),
        (b"one\ntwo\xc3", 2, "C3"),
    ],
)
def test_not_utf8_names_file_and_line(write, content, line, byte):
    with pytest.raises(CourseError, match=rf"bad\.txt is not UTF-8: line {line} .* 0x{byte}"):
        read_lines(write("bad.txt", content))


def test_a_line_without_a_tab_is_named(write):
    with pytest.raises(CourseError, match=r"a\.tsv has no tab in line 3"):
        read_tsv(write("a.tsv", "one\tun\n\ntwo deux\n"))


def test_no_pair_left(write):
    with pytest.raises(CourseError, match="no line has text on both sides"):
        read_parallel(write("a.en", "one\n\n"), write("a.fr", "\ndeux\n"))


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(CourseError, match="There is no file"):
        read_tsv(tmp_path / "none")
    with pytest.raises(CourseError, match="cannot be read"):
        read_tsv(tmp_path)


def test_old_macintosh_line_ends_are_told_and_not_taken_for_one_long_sentence(write):
    with pytest.raises(CourseError, match=r"mac\.txt ends its lines with .* \(CR\)"):
        read_lines(write("mac.txt", "one\rtwo\rthree\r"))
    assert read_lines(write("one.txt", "one\r")) == ["one"]


def test_a_line_too_long_for_attention_is_named(write):
    long, short = write("a.en", f"one\n{'x' * 10_001}\n"), write("a.fr", "un\ndeux\n")
    for sides in ((long, short), (short, long)):
        with pytest.raises(CourseError, match=r"a\.en: line 2 has 10001 characters"):
            read_parallel(*sides)
    assert len(read_parallel(write("b.en", f"one\n{'x' * 10_000}\n"), short)) == 2
