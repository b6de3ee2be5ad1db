-- Grain: one row a non-empty amount cell of a budget or final-account form.
-- Amount in yuan, class code (from the code cell, else by the name of the line), level, total and leaf.
{{ config(materialized='incremental') }}

with cell as (
    select
        budget_cell.*,
        coalesce({{ printed_unit('budget_cell.amount_printed') }}, form.amount_unit) as money_unit,
        {{ normalise_line_name('budget_cell.class_name_printed') }} as line_name,
        {# Loaders store no amount without a label but under a header that says all of itself: the row is the whole. #}
        coalesce(budget_cell.class_name_printed, budget_cell.class_code_printed) is null as is_whole,
        {# Columns of change rates stand among the amounts of some forms. #}
        coalesce(
            {{ rx_matches("concat_ws(' ', budget_cell.amount_printed, budget_cell.measure_printed)", '[%％]') }}, false
        ) as is_rate,
        nullif(
            regexp_extract(
                {{ remove_white_space(to_halfwidth('budget_cell.class_code_printed')) }}, '^([0-9]{3,7})', 1
            ), ''
        ) as code_printed
    from {{ new_rows(ref('stg_budget_cell')) }} as budget_cell
    inner join {{ ref('int_form_attributed') }} as form
        on budget_cell.document_id = form.document_id and budget_cell.form_no = form.form_no
),

named as (
    select
        cell.*,
        cell.is_whole
        or (cell.code_printed is null and {{ rx_matches('cell.line_name', '(合计|总计|小计)$') }}) as is_total,
        income_line.parent_code,
        coalesce(
            cell.code_printed,
            income_line.line_code,
            expenditure_line.line_code,
            case cell.line_name
                when '合计' then 'total'
                when '总计' then 'total'
                when '小计' then 'subtotal'
                when '人员经费合计' then 'total_personnel'
                when '公用经费合计' then 'total_public'
            end,
            case when cell.is_whole then 'total' end
        ) as class_code
    from cell
    left join {{ ref('income_line') }} as income_line
        on
            cell.line_name = income_line.line_name
            and cell.code_printed is null
            and cell.class_type = 'item'
            and coalesce(cell.side, 'income') = 'income'
    left join {{ ref('expenditure_line') }} as expenditure_line
        on
            cell.line_name = expenditure_line.line_name
            and cell.code_printed is null
            and cell.class_type = 'item'
            and coalesce(cell.side, 'expenditure') = 'expenditure'
),

-- A form that prints a sum of the year (当年收入小计) above its 收入合计 means all income by that, and so for expenditure.
sum_of_year as (
    select
        document_id,
        form_no,
        class_code,
        min(row_no) as row_no
    from named
    where
        class_code in ('total_current_income', 'total_current_expenditure')
        and line_name not in ('收入合计', '支出合计')
    group by document_id, form_no, class_code
),

first_fund as (
    select
        document_id,
        form_no,
        min(row_no) as row_no
    from named
    where class_code in ('general', 'government_fund', 'state_capital') and coalesce(side, 'income') = 'income'
    group by document_id, form_no
),

-- Below the carry-over line the three funds are named once more, as its components; below the current income as well
-- where that is the sum of what stands above it. Where it is printed first (一、本年收入), its own funds follow.
carry_over_line as (
    select
        named.document_id,
        named.form_no,
        min(named.row_no) as row_no
    from named
    left join first_fund on named.document_id = first_fund.document_id and named.form_no = first_fund.form_no
    where
        coalesce(named.side, 'income') = 'income'
        and (
            named.class_code = 'carry_over_in'
            or (named.class_code = 'total_current_income' and named.row_no > first_fund.row_no)
        )
    group by named.document_id, named.form_no
),

coded as (
    select
        named.document_id,
        named.form_no,
        named.row_no,
        named.column_no,
        named.side,
        named.line_no_printed,
        named.class_type,
        named.class_code_printed,
        named.class_name_printed,
        named.class_group_printed,
        named.measure_code,
        named.measure_printed,
        named.amount_printed,
        named.source_locator,
        named.source_box,
        named.is_total,
        case when not named.is_rate then named.money_unit end as amount_unit,
        case
            when
                named.row_no > carry_over_line.row_no
                and named.class_code in ('general', 'government_fund', 'state_capital')
                then 'carry_over_in_' || named.class_code
            when named.row_no > sum_of_year.row_no then replace(named.class_code, 'total_current_', 'total_')
            else named.class_code
        end as class_code,
        case
            when
                named.row_no > carry_over_line.row_no
                and named.class_code in ('general', 'government_fund', 'state_capital')
                then 'carry_over_in'
            else named.parent_code
        end as parent_code
    from named
    left join carry_over_line
        on
            named.document_id = carry_over_line.document_id
            and named.form_no = carry_over_line.form_no
            and coalesce(named.side, 'income') = 'income'
    left join sum_of_year
        on
            named.document_id = sum_of_year.document_id
            and named.form_no = sum_of_year.form_no
            and named.class_code = sum_of_year.class_code
            and named.line_name in ('收入合计', '支出合计')
),

line as (
    select distinct
        document_id,
        form_no,
        class_code,
        parent_code,
        coalesce(side, '') as side
    from coded
    where class_code is not null
),

parent_line as (
    select distinct
        line.document_id,
        line.form_no,
        line.side,
        line.class_code
    from line
    inner join line as child
        on
            line.document_id = child.document_id
            and line.form_no = child.form_no
            and line.side = child.side
            and (
                line.class_code = child.parent_code
                or (
                    {{ rx_matches('line.class_code', '^[0-9]+$') }}
                    and length(child.class_code) > length(line.class_code)
                    and left(child.class_code, length(line.class_code)) = line.class_code
                )
            )
)

select
    coded.document_id,
    coded.form_no,
    coded.row_no,
    coded.column_no,
    coded.side,
    coded.line_no_printed,
    coded.class_type,
    coded.class_code,
    coded.class_code_printed,
    coded.class_name_printed,
    coded.class_group_printed,
    coded.measure_code,
    coded.measure_printed,
    coded.amount_printed,
    coded.amount_unit,
    coded.is_total,
    coded.source_locator,
    coded.source_box,
    cast({{ printed_scale('coded.amount_printed') }} as integer) as amount_scale,
    {{ amount_yuan(parse_decimal('coded.amount_printed'), 'coded.amount_unit') }} as amount_yuan,
    case
        when not {{ rx_matches('coded.class_code', '^[0-9]+$') }} then null
        when length(coded.class_code) = 3 then 1
        when length(coded.class_code) = 5 then 2
        when length(coded.class_code) = 7 then 3
    end as class_level,
    not coded.is_total and parent_line.class_code is null as is_leaf
from coded
left join parent_line
    on
        coded.document_id = parent_line.document_id
        and coded.form_no = parent_line.form_no
        and coalesce(coded.side, '') = parent_line.side
        and coded.class_code = parent_line.class_code
