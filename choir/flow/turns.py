"""Taking turns: one thread of a process moves a step at a time. Several would only take its rows from each other, in
smaller batches, each of which costs what a large one costs."""

from threading import Lock


class Turn:
    """Whose turn a step is. Whoever comes while it is taken leaves the work to whoever has it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_taken = self._is_wanted = False

    def take(self) -> bool:
        """Whether it is ours now. If not, whoever has it goes on for another round."""
        with self._lock:
            self._is_wanted = self._is_taken
            was_taken, self._is_taken = self._is_taken, True
            return not was_taken

    def goes_on(self) -> bool:
        """After a round: whether somebody came meanwhile, so that another is due. If not, it is given back."""
        with self._lock:
            self._is_taken, self._is_wanted = self._is_wanted, False
            return self._is_taken

    def give_back(self) -> bool:
        """Whatever happened, it is free again; whether somebody came meanwhile and left the work to us."""
        with self._lock:
            was_wanted = self._is_wanted
            self._is_taken = self._is_wanted = False
            return was_wanted
