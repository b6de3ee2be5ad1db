-- Grain: one row a task of a department with its money.
{{ config(materialized='incremental') }}

{%- set money = ['budget', 'fiscal', 'other'] %}

with task as (
    select
        department_task.*,
        form.fiscal_year,
        form.unit_key,
        form.report_scope,
        form.phase,
        coalesce({{ heading_unit('department_task.measure_printed') }}, form.amount_unit) as amount_unit
    from {{ new_rows(ref('stg_department_task')) }} as department_task
    inner join {{ ref('int_form_attributed') }} as form
        on department_task.document_id = form.document_id and department_task.form_no = form.form_no
),

united as (
    select
        {% for name in money -%}
            case
                when task.{{ name }}_printed is not null
                    then coalesce({{ printed_unit('task.' ~ name ~ '_printed') }}, task.amount_unit)
            end as {{ name }}_unit,
        {% endfor -%}
        task.*
    from task
)

select
    {{ surrogate_key(['document_id', 'form_no', 'task_no']) }} as fct_department_task_key,
    document_id,
    fiscal_year,
    unit_key,
    report_scope,
    phase,
    form_no,
    task_no,
    section_printed,
    is_total,
    task_printed,
    content_printed as content,
    goal_printed as goal_text,
    measure_printed,
    {% for name in money -%}
        {{ name }}_printed,
        {{ name }}_unit,
        cast({{ printed_scale(name ~ '_printed') }} as integer) as {{ name }}_scale,
        {{ amount_yuan(parse_decimal(name ~ '_printed'), name ~ '_unit') }} as {{ name }}_yuan,
        {{ name }}_locator,
    {% endfor -%}
    'table' as source_kind,
    source_locator,
    source_box
from united
