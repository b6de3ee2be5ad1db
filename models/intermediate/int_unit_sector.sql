-- Grain: one row a budget unit whose name tells its sector: the part of a name that goes first by priority.
-- 人民政府 contains 民政: only parts that name it see it.

with unit as (
    select
        unit_key,
        {{ remove_white_space('unit_name') }} as name
    from {{ ref('int_unit_mentioned') }}
    where unit_name is not null
    group by unit_key, {{ remove_white_space('unit_name') }}
),

told as (
    select
        unit.unit_key,
        unit_sector.sector_code,
        row_number() over (
            partition by unit.unit_key order by unit_sector.priority asc, unit_sector.name_part asc
        ) as choice
    from unit
    inner join {{ ref('unit_sector') }} as unit_sector
        on
            instr(
                case
                    when instr(unit_sector.name_part, '人民政府') > 0 then unit.name
                    else replace(unit.name, '人民政府', '，')
                end,
                unit_sector.name_part
            ) > 0
)

select
    unit_key,
    sector_code
from told
where choice = 1
