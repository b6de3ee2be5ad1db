-- Grain: one row a fund column of a procurement line.
-- Lines without an item and a way of procurement are printed totals.
{{ config(materialized='incremental') }}

with line as (
    select
        cell.column_no,
        cell.fund_code,
        cell.measure_printed,
        cell.amount_printed,
        item.project_name_printed,
        item.project_budget_printed,
        item.category_printed,
        item.economic_item_printed,
        item.organisation_printed,
        item.item_printed,
        item.catalogue_code_printed,
        item.unit_of_measure_printed,
        item.quantity_printed,
        item.unit_price_printed,
        coalesce(cell.document_id, item.document_id) as document_id,
        coalesce(cell.form_no, item.form_no) as form_no,
        coalesce(cell.row_no, item.row_no) as row_no,
        -- A merged item stands in its first row only; the way of procurement stands in each.
        item.item_printed is null and item.organisation_printed is null as is_total,
        coalesce(cell.source_locator, item.source_locator) as source_locator,
        coalesce(cell.source_box, item.source_box) as source_box
    from {{ new_rows(ref('stg_procurement_cell')) }} as cell
    full outer join {{ new_rows(ref('stg_procurement_item')) }} as item
        on cell.document_id = item.document_id and cell.form_no = item.form_no and cell.row_no = item.row_no
),

united as (
    select
        line.*,
        form.fiscal_year,
        form.unit_key,
        form.report_scope,
        form.phase,
        coalesce({{ printed_unit('line.amount_printed') }}, form.amount_unit) as amount_unit,
        coalesce({{ printed_unit('line.project_budget_printed') }}, form.amount_unit) as project_budget_unit,
        coalesce({{ printed_unit('line.unit_price_printed') }}, form.amount_unit) as unit_price_unit
    from line
    inner join {{ ref('int_form_attributed') }} as form
        on line.document_id = form.document_id and line.form_no = form.form_no
)

select
    {{ surrogate_key(['document_id', 'form_no', 'row_no', 'column_no']) }} as fct_procurement_item_key,
    document_id,
    fiscal_year,
    unit_key,
    report_scope,
    phase,
    form_no,
    row_no,
    column_no,
    project_name_printed as project_name,
    project_budget_printed,
    {{ amount_yuan(parse_decimal('project_budget_printed'), 'project_budget_unit') }} as project_budget_yuan,
    category_printed as category_name,
    economic_item_printed as economic_item_name,
    organisation_printed as procurement_organisation,
    item_printed as item_name,
    {{ remove_white_space('catalogue_code_printed') }} as catalogue_code,
    unit_of_measure_printed as unit_of_measure,
    quantity_printed,
    cast({{ parse_decimal('quantity_printed') }} as decimal(20, 4)) as quantity,
    unit_price_printed,
    {{ amount_yuan(parse_decimal('unit_price_printed'), 'unit_price_unit') }} as unit_price_yuan,
    fund_code,
    measure_printed,
    amount_printed,
    amount_unit,
    cast({{ printed_scale('amount_printed') }} as integer) as amount_scale,
    {{ amount_yuan(parse_decimal('amount_printed'), 'amount_unit') }} as amount_yuan,
    is_total,
    'table' as source_kind,
    source_locator,
    source_box
from united
