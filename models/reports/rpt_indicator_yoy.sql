-- Grain: one row an indicator of a project, stage, value (target or actual) and year, beside the year before.
-- The same indicator has the same project, level and name; several of one name are told apart by their order.
{{ config(materialized='incremental', pre_hook='{{ delete_rows_of_changed_units() }}') }}

with measure as (
    select 'target' as measure_code
    union all
    select 'actual' as measure_code
),

indicator as (
    select
        indicator.*,
        -- Indicators of a whole department belong to its unit, not to a project.
        coalesce(project.series_key, indicator.unit_key) as series_key,
        {{ normalise_printed('coalesce(indicator.level3, indicator.description)') }} as indicator_name_key,
        coalesce(indicator.level2_code, indicator.level1_code, '') as level_key,
        -- A project published twice for a year counts as its latest document prints it.
        first_value(indicator.document_id) over (
            partition by
                coalesce(project.series_key, indicator.unit_key), indicator.unit_key, indicator.report_scope,
                indicator.stage, indicator.fiscal_year
            order by document.loaded_at desc nulls last, document.file_name desc nulls last, indicator.document_id asc
        ) as latest_document_id
    from {{ rows_of_changed_units(ref('fct_project_indicator')) }} as indicator
    left join {{ ref('dim_project') }} as project on indicator.project_key = project.project_key
    inner join {{ ref('dim_document') }} as document
        on indicator.document_id = document.document_id and document.is_current
    where indicator.fiscal_year is not null
),

numbered as (
    select
        *,
        row_number() over (
            partition by series_key, unit_key, report_scope, stage, level_key, indicator_name_key, fiscal_year
            order by form_no asc, indicator_no asc
        ) as occurrence_no
    from indicator
    where document_id = latest_document_id
),

line as (
    select
        {{ surrogate_key([
            'numbered.series_key', 'numbered.unit_key', 'numbered.report_scope', 'numbered.stage', 'numbered.level_key',
            'numbered.indicator_name_key', 'numbered.occurrence_no', 'measure.measure_code'
        ]) }} as line_key,
        numbered.series_key,
        numbered.unit_key,
        numbered.report_scope,
        numbered.phase,
        numbered.stage,
        numbered.subject_kind,
        numbered.project_key,
        numbered.project_name,
        numbered.level1_code,
        numbered.level2_code,
        numbered.level3,
        numbered.description,
        numbered.occurrence_no,
        numbered.fiscal_year,
        numbered.direction,
        numbered.document_id,
        numbered.source_locator,
        measure.measure_code,
        case measure.measure_code
            when 'target' then numbered.target_printed else numbered.actual_printed
        end as value_printed,
        case measure.measure_code when 'target' then numbered.comparator end as comparator,
        case measure.measure_code
            when 'target' then numbered.target_value else numbered.actual_value
        end as value_number,
        case measure.measure_code
            when 'target' then numbered.target_unit else numbered.actual_unit
        end as value_unit
    from numbered
    cross join measure
    where
        case measure.measure_code
            when 'target' then numbered.target_printed else numbered.actual_printed
        end is not null
),

-- The project itself was published for the year.
publication as (
    select distinct
        series_key,
        unit_key,
        report_scope,
        stage,
        fiscal_year
    from line
),

-- Every indicator in every year that prints it, and in the year after.
spine as (
    select
        line_key,
        fiscal_year
    from line
    union
    select
        line_key,
        fiscal_year + 1 as fiscal_year
    from line
),

pair as (
    select
        spine.line_key,
        spine.fiscal_year,
        line.document_id,
        line.source_locator,
        line.value_printed,
        line.comparator,
        line.value_number,
        line.value_unit,
        earlier.value_printed as prior_value_printed,
        earlier.comparator as prior_comparator,
        earlier.value_number as prior_value_number,
        earlier.value_unit as prior_value_unit,
        earlier.document_id as prior_document_id,
        earlier.source_locator as prior_source_locator,
        coalesce(line.series_key, earlier.series_key) as series_key,
        coalesce(line.unit_key, earlier.unit_key) as unit_key,
        coalesce(line.report_scope, earlier.report_scope) as report_scope,
        coalesce(line.phase, earlier.phase) as phase,
        coalesce(line.stage, earlier.stage) as stage,
        coalesce(line.subject_kind, earlier.subject_kind) as subject_kind,
        coalesce(line.project_key, earlier.project_key) as project_key,
        case when line.line_key is null then earlier.project_name else line.project_name end as project_name,
        coalesce(line.level1_code, earlier.level1_code) as level1_code,
        coalesce(line.level2_code, earlier.level2_code) as level2_code,
        coalesce(line.level3, earlier.level3) as level3,
        case when line.line_key is null then earlier.description else line.description end as description,
        coalesce(line.occurrence_no, earlier.occurrence_no) as occurrence_no,
        case when line.line_key is null then earlier.direction else line.direction end as direction,
        coalesce(line.measure_code, earlier.measure_code) as measure_code,
        line.line_key is not null as is_in_year,
        earlier.line_key is not null as is_in_prior_year
    from spine
    left join line
        on spine.line_key = line.line_key and spine.fiscal_year = line.fiscal_year
    left join line as earlier
        on spine.line_key = earlier.line_key and spine.fiscal_year = earlier.fiscal_year + 1
),

reasoned as (
    select
        pair.*,
        case
            when pair.report_scope is null then 'scope_unknown'
            when not (pair.is_in_year and pair.is_in_prior_year) then null
            when pair.value_number is null or pair.prior_value_number is null then null
            when coalesce(pair.value_unit, '') <> coalesce(pair.prior_value_unit, '') then 'unit_of_measure_differs'
            when coalesce(pair.comparator, '') <> coalesce(pair.prior_comparator, '') then 'comparator_differs'
        end as break_of_series,
        case
            when not pair.is_in_year then 'indicator_gone'
            when not pair.is_in_prior_year and prior_publication.series_key is not null then 'indicator_new'
            when not pair.is_in_prior_year then 'prior_year_not_published'
            when pair.value_number is null or pair.prior_value_number is null then 'value_not_a_number'
        end as missing_reason
    from pair
    left join publication as own
        on
            pair.series_key = own.series_key
            and pair.unit_key = own.unit_key
            and pair.report_scope is not distinct from own.report_scope
            and pair.stage = own.stage
            and pair.fiscal_year = own.fiscal_year
    left join publication as prior_publication
        on
            pair.series_key = prior_publication.series_key
            and pair.unit_key = prior_publication.unit_key
            and pair.report_scope is not distinct from prior_publication.report_scope
            and pair.stage = prior_publication.stage
            and pair.fiscal_year = prior_publication.fiscal_year + 1
    where pair.is_in_year or own.series_key is not null
),

compared as (
    select
        *,
        case
            when break_of_series is not null then 'break'
            when missing_reason is not null then 'missing'
            when prior_value_number = 0 then 'zero_base'
            else 'comparable'
        end as comparability
    from reasoned
)

select
    {{ surrogate_key(['compared.line_key', 'compared.fiscal_year']) }} as rpt_indicator_yoy_key,
    compared.line_key,
    compared.series_key,
    compared.unit_key,
    unit.unit_name,
    compared.report_scope,
    compared.phase,
    compared.stage,
    compared.subject_kind,
    compared.project_key,
    compared.project_name,
    compared.level1_code,
    compared.level2_code,
    compared.level3,
    compared.description,
    cast(compared.occurrence_no as integer) as occurrence_no,
    compared.measure_code,
    compared.direction,
    compared.fiscal_year,
    compared.value_printed,
    compared.comparator,
    compared.value_number,
    compared.value_unit,
    compared.fiscal_year - 1 as prior_year,
    compared.prior_value_printed,
    compared.prior_comparator,
    compared.prior_value_number,
    compared.prior_value_unit,
    case
        when compared.is_in_year and compared.is_in_prior_year
            then
                {{ normalise_printed('compared.value_printed') }}
                = {{ normalise_printed('compared.prior_value_printed') }}
    end as is_unchanged,
    case
        when compared.comparability in ('comparable', 'zero_base')
            then cast(compared.value_number - compared.prior_value_number as decimal(38, 8))
    end as change_number,
    {{ change_pct('compared.value_number', 'compared.prior_value_number', 'compared.comparability') }} as change_pct,
    compared.comparability,
    case
        when compared.comparability = 'break' then compared.break_of_series
        when compared.comparability = 'missing' then compared.missing_reason
        when compared.comparability = 'zero_base' then 'prior_amount_zero'
    end as break_reason,
    case when compared.is_in_prior_year then 'table' end as prior_source,
    compared.document_id,
    compared.source_locator,
    compared.prior_document_id,
    compared.prior_source_locator
from compared
inner join {{ ref('dim_unit') }} as unit on compared.unit_key = unit.unit_key
