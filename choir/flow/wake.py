"""Waking a step, for those who import it from the flow."""

from choir.wake import Step, task_name, wake

__all__ = ["Step", "task_name", "wake"]
