"""Every file of the corpus ends in exactly the stored values that were written down for it."""

from collections import Counter

import pytest

from energy_assets_tests.files.cases import Case
from energy_assets_tests.files.corpus import FAMILIES
from energy_assets_tests.files.judging import judge
from energy_assets_tests.files.worlds import Stores

pytestmark = pytest.mark.meter_files


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{family}: {case.name}")
        for family, cases in FAMILIES.items()
        for case in cases
    ],
)
def test_a_file_is_stored_as_it_was_meant(stores: Stores, case: Case):
    judge(stores, case)


def test_the_corpus_has_three_hundred_files_and_no_name_twice():
    names = Counter(case.name for cases in FAMILIES.values() for case in cases)
    assert not [name for name, times in names.items() if times > 1]
    assert names.total() >= 320
