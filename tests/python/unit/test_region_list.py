"""The list of regions: what is made of revisions, and that the seed is what the package gives."""

from __future__ import annotations

from scripts.region_list import SEED, Region, package_seed, regions_of


def test_spans_are_years_of_one_name() -> None:
    """A county that becomes a city gets another code, a renamed one keeps it; before the first revision is unknown."""
    regions = regions_of(
        {
            "198012": {"130000": "河北省", "130800": "承德市", "130823": "平泉县", "130825": "旧名县"},
            "201412": {"130000": "河北省", "130800": "承德市", "130823": "平泉县", "130825": "新名县"},
            "201705": {"130000": "河北省", "130800": "承德市", "130881": "平泉市", "130825": "新名县"},
        }
    )
    assert regions == [
        Region("130000", "河北省", "province", "", None, None),
        Region("130800", "承德市", "prefecture", "130000", None, None),
        Region("130823", "平泉县", "county", "130800", None, 2016),
        Region("130825", "旧名县", "county", "130800", None, 2013),
        Region("130825", "新名县", "county", "130800", 2014, None),
        Region("130881", "平泉市", "county", "130800", 2017, None),
    ]


def test_what_one_office_leaves_out_has_not_gone() -> None:
    """A revision between two that lacks a code is no end of it; zones are printed once and stay; placeholders go."""
    regions = regions_of(
        {
            "200712": {"110000": "北京市", "110100": "市辖区", "110101": "东城区"},
            "201012": {"110000": "北京市"},
            "201810": {"110000": "北京市", "110101": "东城区", "110171": "某开发区", "429000": "省直辖县级行政区划"},
            "201904": {"110000": "北京市", "110101": "东城区"},
        }
    )
    assert regions == [
        Region("110000", "北京市", "province", "", None, None),
        Region("110101", "东城区", "county", "110000", None, None),
        Region("110171", "某开发区", "zone", "110000", None, None),
    ]


def test_a_region_gone_before_any_budget_is_left_out() -> None:
    regions = regions_of(
        {
            "198012": {"110000": "北京市", "110102": "西城区", "110103": "旧区"},
            "200612": {"110000": "北京市", "110102": "西城区"},
            "200912": {"110000": "北京市"},
        }
    )
    assert [(region.code, region.valid_to) for region in regions] == [("110000", None), ("110102", 2008)]


def test_the_seed_is_what_the_package_gives() -> None:
    """By hand, from the revisions 201704, 201705 and 201904: the county of 1993 is a city of another code from 2017."""
    text = SEED.read_text(encoding="utf-8")
    assert text == package_seed()
    lines = [line.rsplit(",", 1)[0] for line in text.splitlines()]
    assert "130823,平泉县,county,130800,1993,2016" in lines
    assert "130881,平泉市,county,130800,2017," in lines
    assert "131028,大厂回族自治县,county,131000,1988," in lines
    assert "310107,普陀区,county,310000,," in lines
    assert "429005,潜江市,county,420000,1994," in lines
