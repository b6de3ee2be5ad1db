-- Grain: one row a labelled value of the overall targets of a department.
{{ config(materialized='incremental') }}

with valued as (
    select
        department_value.*,
        form.fiscal_year,
        form.unit_key,
        form.report_scope,
        form.phase,
        department_value.measure_printed is not null as is_amount,
        coalesce(
            {{ printed_unit('department_value.value_printed') }},
            {{ heading_unit('department_value.measure_printed') }},
            form.amount_unit
        ) as money_unit
    from {{ new_rows(ref('stg_department_value')) }} as department_value
    inner join {{ ref('int_form_attributed') }} as form
        on department_value.document_id = form.document_id and department_value.form_no = form.form_no
)

select
    {{ surrogate_key(['document_id', 'form_no', 'value_no']) }} as fct_department_value_key,
    document_id,
    fiscal_year,
    unit_key,
    report_scope,
    phase,
    form_no,
    value_no,
    value_code,
    section_printed,
    group_printed,
    label_printed,
    measure_printed,
    value_printed,
    case when not is_amount then cast({{ parse_decimal('value_printed') }} as decimal(20, 4)) end as value_number,
    case when is_amount then money_unit end as amount_unit,
    case when is_amount then cast({{ printed_scale('value_printed') }} as integer) end as amount_scale,
    case when is_amount then {{ amount_yuan(parse_decimal('value_printed'), 'money_unit') }} end as amount_yuan,
    'table' as source_kind,
    source_locator,
    source_box
from valued
