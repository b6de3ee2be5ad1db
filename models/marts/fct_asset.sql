-- Grain: one row a line of an asset form.
{{ config(materialized='incremental') }}

with line as (
    select
        asset_line.*,
        form.fiscal_year,
        form.unit_key,
        form.report_scope,
        form.phase,
        coalesce({{ printed_unit('asset_line.value_printed') }}, form.amount_unit) as amount_unit
    from {{ new_rows(ref('stg_asset_line')) }} as asset_line
    inner join {{ ref('int_form_attributed') }} as form
        on asset_line.document_id = form.document_id and asset_line.form_no = form.form_no
)

select
    {{ surrogate_key(['document_id', 'form_no', 'row_no']) }} as fct_asset_key,
    document_id,
    fiscal_year,
    unit_key,
    report_scope,
    phase,
    form_no,
    row_no,
    item_printed,
    quantity_printed,
    cast({{ parse_decimal('quantity_printed') }} as decimal(20, 4)) as quantity,
    value_printed,
    amount_unit,
    cast({{ printed_scale('value_printed') }} as integer) as amount_scale,
    {{ amount_yuan(parse_decimal('value_printed'), 'amount_unit') }} as value_yuan,
    as_of_printed,
    as_of,
    'table' as source_kind,
    source_locator,
    source_box
from line
