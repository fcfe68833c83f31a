"""The frontier of chapter 10 says what was put in, and nothing else."""

from course.figures.attention_costs import Point, frontier

CAPTION = "What is drawn here."


def test_the_frontier_is_what_nobody_beats():
    points = [
        Point("full", 0.95, 100, 4.0),
        Point("state", 0.5, 10, 1.0),
        Point("worse state", 0.5, 10, 2.0),  # beaten by time alone
        Point("large state", 0.4, 50, 1.0),
        Point("slow and good", 0.95, 99, 5.0),
        Point("twin", 0.5, 10, 1.0),  # equal to another one, not beaten by it
    ]
    stored = frontier(points, caption=CAPTION)
    on = [row[0] for row in stored["table"]["rows"] if row[-1]]
    assert on == ["full", "state", "slow and good", "twin"]
    assert [point["on"] for point in stored["data"]] == [True, True, False, False, True, True]
    assert "Not beaten in all three: full, state, slow and good, twin." in stored["alt"]
    assert stored["data"][0] == {
        "kind": "full",
        "quality": 0.95,
        "kept": 100,
        "seconds": 4,
        "on": True,
    }
