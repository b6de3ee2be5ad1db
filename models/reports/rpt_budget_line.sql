-- Grain: one row an amount cell of the latest printing of a budget, final-account or procurement form.
-- Classes carry the concept that stays the same when a code or a name changes; line_key is the same line in every year.
{{ config(materialized='incremental', pre_hook='{{ delete_rows_of_changed_units() }}') }}

with budget_line as (
    select
        fct_budget_line_key as fact_key,
        document_id,
        fiscal_year,
        unit_key,
        report_scope,
        phase,
        form_no,
        form_code,
        row_no,
        column_no,
        side,
        class_type,
        class_code,
        class_name_printed,
        class_group_printed,
        class_level,
        measure_code,
        measure_printed,
        amount_printed,
        amount_unit,
        amount_scale,
        amount_yuan,
        is_total,
        is_leaf,
        source_locator
    from {{ rows_of_changed_units(ref('fct_budget_line')) }}
),

-- An item stands below its project and its project below its category, printed once each.
procurement as (
    select
        item.*,
        {{ carried_down('item.category_name', 'item.document_id, item.form_no, item.column_no', 'item.row_no') }}
            as category,
        {{ carried_down('item.project_name', 'item.document_id, item.form_no, item.column_no', 'item.row_no') }}
            as project
    from {{ rows_of_changed_units(ref('fct_procurement_item')) }} as item
),

procurement_line as (
    select
        fct_procurement_item_key as fact_key,
        document_id,
        fiscal_year,
        unit_key,
        report_scope,
        phase,
        form_no,
        'B_PROC' as form_code,
        row_no,
        column_no,
        cast(null as string) as side,
        'procurement' as class_type,
        cast(null as string) as class_code,
        coalesce(item_name, economic_item_name, project_name, category_name) as class_name_printed,
        case
            when item_name is not null then concat_ws('/', category, project)
            when project_name is not null then concat_ws('/', category, project_name)
        end as class_group_printed,
        cast(null as integer) as class_level,
        fund_code as measure_code,
        measure_printed,
        amount_printed,
        amount_unit,
        amount_scale,
        amount_yuan,
        is_total,
        not is_total as is_leaf,
        source_locator
    from procurement
),

fact as (
    select * from budget_line
    union all
    select * from procurement_line
),

line as (
    select
        line.*,
        form.form_kind,
        form.form_title_printed,
        {{ normalise_line_name('line.class_name_printed') }} as line_name,
        {{ remove_white_space(round_brackets('line.class_group_printed')) }} as group_key,
        {{ rx_matches('line.class_code', '^([0-9]{3}|[0-9]{5}|[0-9]{7})$') }} as is_class,
        -- A column of one amount and a column of totals are the same measure.
        case line.measure_code when 'amount' then 'total' else line.measure_code end as measure_key
    from fact as line
    inner join {{ ref('dim_form') }} as form
        on line.document_id = form.document_id and line.form_no = form.form_no
    where form.is_latest and line.fiscal_year is not null
),

classified as (
    select
        line.*,
        case
            when line.is_class then coalesce(function_class.concept_id, economic_class.concept_id, line.class_code)
        end as concept_id,
        case
            when line.is_class then coalesce(function_class.class_name, economic_class.class_name)
        end as class_name,
        coalesce(function_class.is_observed_only, economic_class.is_observed_only, false) as is_class_observed_only
    from line
    left join {{ ref('dim_function_class') }} as function_class
        on
            line.class_code = function_class.class_code
            and line.class_type in ('function', 'item')
            and line.fiscal_year >= coalesce(function_class.edition_from, 0)
            and line.fiscal_year <= coalesce(function_class.edition_to, 9999)
    left join {{ ref('dim_economic_class') }} as economic_class
        on
            line.class_code = economic_class.class_code
            and line.class_type = economic_class.class_type
            and line.fiscal_year >= coalesce(economic_class.edition_from, 0)
            and line.fiscal_year <= coalesce(economic_class.edition_to, 9999)
),

keyed as (
    select
        classified.*,
        -- A line without a code is told by its name; a form of one line has neither.
        coalesce(classified.concept_id, classified.class_code, classified.line_name, 'total') as class_key,
        row_number() over (
            partition by
                classified.unit_key, classified.fiscal_year, classified.report_scope, classified.phase,
                classified.form_code, classified.side, classified.group_key, classified.measure_key,
                coalesce(classified.concept_id, classified.class_code, classified.line_name, 'total')
            order by classified.form_no asc, classified.row_no asc, classified.column_no asc
        ) as occurrence_no
    from classified
)

select
    keyed.fact_key,
    {{ surrogate_key([
        'keyed.unit_key', 'keyed.report_scope', 'keyed.phase', 'keyed.form_code', 'keyed.side',
        'keyed.group_key', 'keyed.class_key', 'keyed.measure_key', 'keyed.occurrence_no'
    ]) }} as line_key,
    keyed.unit_key,
    unit.unit_name,
    unit.region_code,
    unit.sector,
    keyed.report_scope,
    keyed.phase,
    keyed.fiscal_year,
    keyed.form_code,
    keyed.form_title_printed,
    keyed.side,
    keyed.class_type,
    keyed.class_code,
    coalesce(keyed.class_name, keyed.class_name_printed) as class_name,
    keyed.class_name_printed,
    keyed.class_group_printed,
    keyed.concept_id,
    keyed.class_key,
    keyed.class_level,
    keyed.is_class_observed_only,
    keyed.measure_code,
    keyed.measure_key,
    keyed.measure_printed,
    cast(keyed.occurrence_no as integer) as occurrence_no,
    keyed.amount_printed,
    keyed.amount_unit,
    keyed.amount_scale,
    keyed.amount_yuan,
    keyed.is_total,
    keyed.is_leaf,
    keyed.document_id,
    keyed.source_locator
from keyed
inner join {{ ref('dim_unit') }} as unit on keyed.unit_key = unit.unit_key
-- Rows of a unit lie together: what is asked about one unit reads a part of the table.
order by keyed.unit_key, keyed.fiscal_year
