-- Grain: one row a finding on a procurement form: lines, totals, funds, and the budgets of its projects (identity I13).

with line as (
    select
        *,
        {{ half_last_digit('amount_yuan', 'amount_scale', 'amount_unit') }} as half_digit,
        {{ remove_white_space(normalise_line_name('project_name')) }} as row_name,
        cast({{ printed_scale('unit_price_printed') }} as integer) as unit_price_scale,
        cast({{ printed_scale('project_budget_printed') }} as integer) as project_budget_scale
    from {{ new_rows(ref('fct_procurement_item')) }}
    where amount_yuan is not null
),

-- The first total row is that of the form; further ones are those of bodies.
total_row as (
    select
        document_id,
        form_no,
        min(row_no) as row_no
    from line
    where is_total
    group by document_id, form_no
),

part as (
    select
        'procurement_total_sum' as finding_code,
        total.fct_procurement_item_key as total_key,
        part.*
    from line as total
    inner join total_row
        on
            total.document_id = total_row.document_id
            and total.form_no = total_row.form_no
            and total.row_no = total_row.row_no
    inner join line as part
        on
            total.document_id = part.document_id
            and total.form_no = part.form_no
            and total.column_no = part.column_no
            and not part.is_total
    union all
    select
        'procurement_fund_sum' as finding_code,
        total.fct_procurement_item_key as total_key,
        part.*
    from line as total
    inner join line as part
        on
            total.document_id = part.document_id
            and total.form_no = part.form_no
            and total.row_no = part.row_no
    -- What is reserved for small enterprises is no fund but a part of all of them.
    where total.fund_code = 'total' and part.fund_code not in ('total', 'sme_reserved')
),

parts as (
    select
        finding_code,
        total_key,
        cast(sum(amount_yuan) as decimal(38, 2)) as b_yuan,
        cast(sum(half_digit) as decimal(38, 8)) as b_half_digit,
        max(amount_scale) as b_scale,
        {{ locator_span('source_locator', '1000 * row_no + column_no') }} as b_locator
    from part
    group by finding_code, total_key
),

project as (
    select
        *,
        {{ remove_white_space(normalise_printed('project_name')) }} as name,
        count(*) over (partition by document_id, {{ remove_white_space(normalise_printed('project_name')) }})
            as namesakes
    from {{ new_rows(ref('fct_project')) }}
    where budget_yuan is not null and not is_masked
),

compared as (
    select
        parts.finding_code,
        line.document_id,
        line.form_no,
        line.fct_procurement_item_key as fact_key,
        concat_ws(' ', line.row_name, line.item_name, '· ' || line.measure_printed) as subject,
        line.amount_printed as a_printed,
        line.amount_unit as a_unit,
        line.amount_scale as a_scale,
        line.amount_yuan as a_yuan,
        line.source_locator as a_locator,
        cast(null as string) as b_printed,
        greatest(line.amount_scale, parts.b_scale) as b_scale,
        parts.b_yuan,
        parts.b_half_digit,
        parts.b_locator
    from parts
    inner join line on parts.total_key = line.fct_procurement_item_key
    union all
    select
        'procurement_price_quantity' as finding_code,
        document_id,
        form_no,
        fct_procurement_item_key as fact_key,
        concat_ws(' ', row_name, item_name) as subject,
        amount_printed as a_printed,
        amount_unit as a_unit,
        amount_scale as a_scale,
        amount_yuan as a_yuan,
        source_locator as a_locator,
        cast(null as string) as b_printed,
        greatest(amount_scale, unit_price_scale) as b_scale,
        cast(round(quantity * unit_price_yuan, 2) as decimal(38, 2)) as b_yuan,
        cast(quantity * {{ half_last_digit('unit_price_yuan', 'unit_price_scale', 'amount_unit') }} as decimal(38, 8))
            as b_half_digit,
        source_locator as b_locator
    from line
    where fund_code = 'total' and not is_total and quantity is not null and unit_price_yuan is not null
    union all
    select
        'procurement_project_budget' as finding_code,
        line.document_id,
        line.form_no,
        line.fct_procurement_item_key as fact_key,
        line.project_name as subject,
        line.project_budget_printed as a_printed,
        line.amount_unit as a_unit,
        line.project_budget_scale as a_scale,
        line.project_budget_yuan as a_yuan,
        line.source_locator as a_locator,
        {{ printed_beside('project.budget_printed', 'project.budget_unit', 'line.amount_unit') }} as b_printed,
        project.budget_scale as b_scale,
        project.budget_yuan as b_yuan,
        {{ half_last_digit('project.budget_yuan', 'project.budget_scale', 'project.budget_unit') }} as b_half_digit,
        coalesce(project.budget_locator, project.source_locator) as b_locator
    from line
    inner join project
        on
            line.document_id = project.document_id
            and line.unit_key = project.unit_key
            and {{ remove_white_space(normalise_printed('line.project_name')) }} = project.name
            and project.namesakes = 1
    where line.fund_code = 'total' and not line.is_total and line.project_budget_yuan is not null
),

completed as (
    select
        *,
        'fct_procurement_item' as fact_table,
        cast(null as string) as note,
        true as is_complete
    from compared
),

in_unit as (
    select
        *,
        {{ amounts_in_unit() }}
    from completed
)

select {{ finding_of_numbers() }}
from in_unit
where a_number <> b_number
