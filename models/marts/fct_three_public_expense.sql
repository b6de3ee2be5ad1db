-- Grain: one row an amount cell of a three-public form (item × fund × phase).
{{ config(materialized='incremental') }}

with cell as (
    select
        three_public_cell.*,
        coalesce({{ printed_unit('three_public_cell.amount_printed') }}, form.amount_unit) as amount_unit,
        {{ normalise_line_name('three_public_cell.item_printed') }} as item_name
    from {{ new_rows(ref('stg_three_public_cell')) }} as three_public_cell
    inner join {{ ref('int_form_attributed') }} as form
        on three_public_cell.document_id = form.document_id and three_public_cell.form_no = form.form_no
)

select
    {{ surrogate_key(['cell.document_id', 'cell.form_no', 'cell.row_no', 'cell.column_no']) }}
        as fct_three_public_expense_key,
    cell.document_id,
    form.fiscal_year,
    form.unit_key,
    form.report_scope,
    coalesce(cell.phase, form.phase) as phase,
    cell.form_no,
    form.form_code,
    cell.row_no,
    cell.column_no,
    cell.line_no_printed,
    coalesce(cell.item_code, item.item_code) as item_code,
    cell.item_printed,
    cell.fund_code,
    cell.measure_printed,
    cell.amount_printed,
    cell.amount_unit,
    cast({{ printed_scale('cell.amount_printed') }} as integer) as amount_scale,
    {{ amount_yuan(parse_decimal('cell.amount_printed'), 'cell.amount_unit') }} as amount_yuan,
    'table' as source_kind,
    cell.source_locator,
    cell.source_box
from cell
inner join {{ ref('int_form_attributed') }} as form
    on cell.document_id = form.document_id and cell.form_no = form.form_no
left join {{ ref('three_public_item') }} as item
    on cell.item_name = item.item_name
