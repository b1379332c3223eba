from planner import crash


def test_a_mistake_of_the_program_is_one_line_and_a_log(tmp_path, capsys):
    folder = tmp_path / "lecce-crash"
    crash.keep_log_in(folder)
    try:
        raise KeyError("height_m")
    except KeyError as problem:
        crash.explain(type(problem), problem, problem.__traceback__)
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "mistake of the program" in shown
    assert str(folder / "log.txt") in shown
    log = (folder / "log.txt").read_text()
    assert "Traceback" in log
    assert "height_m" in log


def test_a_log_that_cannot_be_written_is_shown_instead(tmp_path, capsys):
    blocker = tmp_path / "file"
    blocker.write_text("")
    crash.keep_log_in(blocker / "deeper")
    crash.explain(ValueError, ValueError("x"), None)
    assert "could not be written" in capsys.readouterr().err
