"""Build: the spine from a programme folder to its reports, and one report as one job."""

from jpreport.build.job import Event, Outcome, State, Watch, Work, run_job
from jpreport.build.planning import plan_build
from jpreport.build.request import Request
from jpreport.build.spine import build
from jpreport.build.survey import Survey, survey_programme

__all__ = [
    "Event",
    "Outcome",
    "Request",
    "State",
    "Survey",
    "Watch",
    "Work",
    "build",
    "plan_build",
    "run_job",
    "survey_programme",
]
