"""The one exception that means "something the reader can put right"."""


class CourseError(Exception):
    """Bad input or a missing resource, told in one sentence with its cause and its remedy.

    The command line prints the sentence without a traceback; everything else that is raised is a
    mistake in the course itself.
    """
