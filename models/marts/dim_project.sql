-- Grain: one row a project, by its printed code, else by its unit and name.
-- The same project over the years shares series_key: one code, or one unit and one name (a project submitted again gets
-- a new code) where no year has two projects of that name. A masked name says only what it prints and matches no other.

with mention as (
    select
        project_key,
        project_code,
        project_name,
        unit_key,
        fiscal_year,
        document_id,
        is_masked
    from {{ ref('fct_project') }}
    union all
    select
        project_key,
        project_code,
        project_name,
        unit_key,
        fiscal_year,
        document_id,
        is_masked
    from {{ ref('fct_project_evaluation') }}
),

dated as (
    select
        mention.*,
        lpad(coalesce(cast(mention.fiscal_year as string), '0'), 4, '0')
        || case when document.is_current then '1' else '0' end
        || mention.document_id as recency
    from mention
    inner join {{ ref('dim_document') }} as document on mention.document_id = document.document_id
),

project as (
    select
        project_key,
        max_by(project_code, recency) filter (where project_code is not null) as project_code,
        max_by(project_name, recency) filter (where project_name is not null) as project_name,
        max_by(unit_key, recency) as unit_key,
        max(case when is_masked then 1 else 0 end) = 1 as is_masked,
        min(fiscal_year) as first_fiscal_year,
        max(fiscal_year) as last_fiscal_year,
        count(distinct document_id) as document_count
    from dated
    group by project_key
),

named as (
    select
        project.*,
        case
            when not project.is_masked then nullif({{ project_name_of_series('project.project_name') }}, '')
        end as series_name
    from project
),

-- Two projects of one name in one year are two projects: there the name tells nothing.
repeated as (
    select
        named.unit_key,
        named.series_name,
        mention.fiscal_year
    from named
    inner join mention on named.project_key = mention.project_key
    where named.series_name is not null
    group by named.unit_key, named.series_name, mention.fiscal_year
    having count(distinct named.project_key) > 1
),

ambiguous as (
    select distinct
        unit_key,
        series_name
    from repeated
)

select
    named.project_key,
    named.project_code,
    named.project_name,
    named.unit_key,
    named.is_masked,
    named.first_fiscal_year,
    named.last_fiscal_year,
    named.document_count,
    case
        when named.series_name is null or ambiguous.series_name is not null then named.project_key
        else md5(concat_ws('|', named.unit_key, named.series_name))
    end as series_key
from named
left join ambiguous
    on named.unit_key = ambiguous.unit_key and named.series_name = ambiguous.series_name
