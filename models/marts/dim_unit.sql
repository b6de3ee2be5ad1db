-- Grain: one row a budget unit.
-- Name, code and region as the latest document that gives them says: current ones first, then by year.

with mention as (
    select
        mentioned.*,
        case when superseded.is_current then '1' else '0' end
        || lpad(coalesce(cast(mentioned.fiscal_year as string), '0'), 4, '0')
        || mentioned.document_id as recency
    from {{ ref('int_unit_mentioned') }} as mentioned
    inner join {{ ref('int_document_superseded') }} as superseded on mentioned.document_id = superseded.document_id
),

unit as (
    select
        unit_key,
        max_by(unit_code, recency) filter (where unit_code is not null) as unit_code,
        max_by(unit_name, recency) filter (where unit_name is not null) as unit_name,
        max_by(parent_unit_key, recency) filter (where parent_unit_key is not null) as parent_unit_key,
        max_by(region_code, recency) filter (where region_code is not null) as region_code
    from mention
    group by unit_key
),

sector as (
    -- 人民政府 in a name holds 民政 and says nothing of what the body does.
    select
        unit.unit_key,
        unit_sector.sector_code,
        row_number() over (partition by unit.unit_key order by unit_sector.priority nulls last) as choice
    from unit
    inner join {{ ref('unit_sector') }} as unit_sector
        on instr(replace(unit.unit_name, '人民政府', ''), unit_sector.name_part) > 0
)

select
    unit.unit_key,
    unit.unit_code,
    unit.unit_name,
    unit.parent_unit_key,
    unit.region_code,
    sector.sector_code as sector,
    {{ is_masked('unit.unit_name') }} as is_masked
from unit
left join sector on unit.unit_key = sector.unit_key and sector.choice = 1
