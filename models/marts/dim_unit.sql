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
)

select
    unit.unit_key,
    unit.unit_code,
    unit.unit_name,
    unit.parent_unit_key,
    coalesce(unit.region_code, unit_region.region_code) as region_code,
    case
        when unit.region_code is not null then 'printed'
        when unit_region.region_code is not null then 'name'
    end as region_source,
    unit_sector.sector_code as sector,
    {{ is_masked('unit.unit_name') }} as is_masked
from unit
left join {{ ref('int_unit_region') }} as unit_region on unit.unit_key = unit_region.unit_key
left join {{ ref('int_unit_sector') }} as unit_sector on unit.unit_key = unit_sector.unit_key
