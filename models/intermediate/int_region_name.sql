-- Grain: one row a spelling of a region's name, with or without the regions above it, that means one region only.
-- Of regions that bore a name one after the other (a code changed) the latest has it; of two at one time neither.

with zone_listed_twice as (
    select listed.region_code
    from {{ ref('int_region_span') }} as listed
    inner join {{ ref('int_region_span') }} as override
        on
            listed.region_name = override.region_name
            and listed.parent_region_code = override.parent_region_code
            and override.is_override
    where not listed.is_override
),

region as (
    select span.*
    from {{ ref('int_region_span') }} as span
    left join zone_listed_twice on span.region_code = zone_listed_twice.region_code
    where zone_listed_twice.region_code is null
),

-- Every name above that overlaps, not only the latest: 襄樊市襄城区 as well as 襄阳市襄城区.
spelling as (
    select
        region_code,
        valid_from,
        valid_to,
        region_name as spelled_name
    from region
    union all
    select
        region.region_code,
        region.valid_from,
        region.valid_to,
        parent.region_name || region.region_name as spelled_name
    from region
    inner join region as parent
        on
            region.parent_region_code = parent.region_code
            and coalesce(region.valid_from, 0) <= coalesce(parent.valid_to, 9999)
            and coalesce(parent.valid_from, 0) <= coalesce(region.valid_to, 9999)
    union all
    select
        region.region_code,
        region.valid_from,
        region.valid_to,
        grandparent.region_name || region.region_name as spelled_name
    from region
    inner join region as parent on region.parent_region_code = parent.region_code
    inner join region as grandparent on parent.parent_region_code = grandparent.region_code
    union all
    select
        region.region_code,
        region.valid_from,
        region.valid_to,
        grandparent.region_name || parent.region_name || region.region_name as spelled_name
    from region
    inner join region as parent
        on
            region.parent_region_code = parent.region_code
            and coalesce(region.valid_from, 0) <= coalesce(parent.valid_to, 9999)
            and coalesce(parent.valid_from, 0) <= coalesce(region.valid_to, 9999)
    inner join region as grandparent on parent.parent_region_code = grandparent.region_code
),

named as (
    select
        spelled_name,
        region_code,
        min(coalesce(valid_from, 0)) as valid_from,
        max(coalesce(valid_to, 9999)) as valid_to
    from spelling
    group by spelled_name, region_code
),

ambiguous as (
    select distinct one.spelled_name
    from named as one
    inner join named as other
        on
            one.spelled_name = other.spelled_name
            and one.region_code <> other.region_code
            and one.valid_from <= other.valid_to
            and one.valid_to >= other.valid_from
)

select
    named.spelled_name,
    max_by(named.region_code, named.valid_to) as region_code
from named
left join ambiguous on named.spelled_name = ambiguous.spelled_name
where ambiguous.spelled_name is null
group by named.spelled_name
