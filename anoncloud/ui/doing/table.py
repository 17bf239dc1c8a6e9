"""Which work each effect leads to; the module that does it is imported when it is first wanted."""

import importlib
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from anoncloud.ui import alarm_effects as alarms
from anoncloud.ui import effects
from anoncloud.ui import entering_effects as entering
from anoncloud.ui import looking_effects as looking
from anoncloud.ui import transfer_effects as transfers
from anoncloud.ui.doing.desk import Desk

Work = Callable[[Desk, Any], Coroutine[Any, Any, None]]

_TABLE: Final[Mapping[type, tuple[str, str]]] = {
    effects.ReadPlace: ("reading", "read_place"),
    effects.ReadPast: ("reading", "read_past"),
    effects.Refresh: ("reading", "refresh"),
    effects.MakeFolder: ("changing", "make_folder"),
    effects.Rename: ("changing", "rename"),
    effects.RenameMany: ("renaming", "rename_many"),
    effects.PutInTrash: ("changing", "put_in_trash"),
    effects.RestoreThem: ("changing", "restore_them"),
    effects.PurgeThem: ("changing", "purge_them"),
    effects.Undo: ("changing", "undo_last"),
    effects.Redo: ("changing", "redo_last"),
    effects.MoveThere: ("copying", "move_there"),
    effects.CopyThere: ("copying", "copy_there"),
    effects.Edit: ("editing", "edit"),
    effects.View: ("looking", "view"),
    effects.HistoryOf: ("listing", "history_of"),
    effects.DetailsOf: ("listing", "details_of"),
    effects.MeasureThem: ("listing", "measure_them"),
    effects.FindAll: ("listing", "find_all"),
    looking.PickMoment: ("listing", "pick_moment"),
    looking.CompletePath: ("completing", "complete_path"),
    looking.Look: ("looking", "look"),
    looking.ReadRange: ("looking", "read_range"),
    looking.Search: ("looking", "search"),
    looking.StopSearch: ("looking", "stop_search"),
    looking.Leave: ("looking", "leave"),
    looking.RestoreVersion: ("versions", "restore_version"),
    looking.GetVersion: ("versions", "get_version"),
    effects.Remember: ("keeping", "remember"),
    effects.RunCommand: ("running", "run_command"),
    effects.ShowShell: ("running", "show_shell"),
    transfers.SetLimit: ("transfers", "limit"),
    transfers.PauseTransfer: ("transfers", "pause"),
    transfers.ResumeTransfer: ("transfers", "resume"),
    transfers.CancelTransfer: ("transfers", "cancel"),
    transfers.RetryTransfer: ("transfers", "retry"),
    transfers.AnswerConflict: ("asking", "answer"),
    transfers.RaiseTransfer: ("transfers", "raise_one"),
    entering.ShowDoor: ("entering", "show"),
    entering.AskTerms: ("entering", "ask_terms"),
    entering.Judge: ("entering", "judge_it"),
    entering.DrawKit: ("entering", "draw_kit"),
    entering.MakeAccount: ("entering", "make_account"),
    entering.LogIn: ("entering", "log_in"),
    entering.ComeIn: ("entering", "come_in"),
    entering.SavePaper: ("entering", "save_paper"),
    entering.AskRecovery: ("entering", "ask_recovery"),
    entering.DrawRecovery: ("entering", "draw_recovery"),
    entering.TakeRecovery: ("entering", "take_recovery"),
    alarms.GoReadOnly: ("alarms", "go_read_only"),
    alarms.LookAtServer: ("ways_out", "look_at_server"),
    alarms.AskFolder: ("ways_out", "ask_folder"),
    alarms.Export: ("ways_out", "export"),
    alarms.AskWord: ("ways_out", "ask_word"),
    alarms.Accept: ("ways_out", "accept"),
}


def work_of(effect: effects.Effect) -> Work | None:
    """Give what carries *effect* out, if it is in the table."""
    if type(effect) not in _TABLE:
        return None
    module, name = _TABLE[type(effect)]
    work: Work = getattr(importlib.import_module(f"anoncloud.ui.doing.{module}"), name)
    return work
