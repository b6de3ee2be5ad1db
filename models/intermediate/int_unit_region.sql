-- Grain: one row a budget unit whose printed name begins with a region: the region of the longest such beginning.
-- A zone of that region that the rest of the name mentions (…市某局…开发区分局) is more exact.

with unit as (
    select
        unit_key,
        unit_name,
        regexp_replace({{ remove_white_space('unit_name') }}, '^(中共|中国共产党)', '') as name
    from {{ ref('int_unit_mentioned') }}
    where unit_name is not null and not {{ is_masked('unit_name') }}
    group by unit_key, unit_name
),

spelled_length as (
    select distinct length(spelled_name) as character_count
    from {{ ref('int_region_name') }}
),

beginning as (
    select
        unit.unit_key,
        unit.name,
        region_name.region_code,
        spelled_length.character_count,
        row_number() over (
            partition by unit.unit_key order by spelled_length.character_count desc, unit.name asc
        ) as choice
    from unit
    inner join spelled_length on length(unit.name) > spelled_length.character_count
    inner join {{ ref('int_region_name') }} as region_name
        on substring(unit.name, 1, spelled_length.character_count) = region_name.spelled_name
),

-- What a zone is called inside its region: without the names of the regions above, whole or short.
zone as (
    select
        span.region_code,
        span.parent_region_code,
        span.is_override,
        regexp_replace(
            span.region_name,
            '^(' || regexp_replace(coalesce(span.grandparent_name, span.parent_name), '(省|市|自治区)$', '')
            || '(省|市|自治区)?)?(' || regexp_replace(span.parent_name, '(市|地区|盟|自治州)$', '')
            || '(市|地区|盟|自治州)?)?',
            ''
        ) as zone_name
    from {{ ref('int_region_span') }} as span
    where span.level = 'zone' and span.is_latest
),

zone_named as (
    select
        beginning.unit_key,
        zone.region_code,
        row_number() over (
            partition by beginning.unit_key
            order by
                case when zone.is_override then 0 else 1 end asc, length(zone.zone_name) desc, zone.region_code asc
        ) as choice
    from beginning
    inner join zone
        on
            beginning.region_code = zone.parent_region_code
            and length(zone.zone_name) >= 4
            and instr(substring(beginning.name, beginning.character_count + 1), zone.zone_name) > 0
    where beginning.choice = 1
)

select
    beginning.unit_key,
    coalesce(zone_named.region_code, beginning.region_code) as region_code
from beginning
left join zone_named on beginning.unit_key = zone_named.unit_key and zone_named.choice = 1
where beginning.choice = 1
