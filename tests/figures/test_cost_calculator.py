"""Figure "cost calculator": its counts are the package's, its times are the records'."""

import pytest

from course.figures.cost_calculator import CostCalculator

KIND = "cost-calculator"


def example():
    return CostCalculator()
