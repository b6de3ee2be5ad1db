-- Grain: one row a finding on the money of a project.
-- Funds against budget, units that slip, all budgets against the project expenditure (identities I12, I13).

with project as (
    select
        *,
        {{ parse_decimal('budget_printed') }} as budget_number,
        {{ parse_decimal('fiscal_printed') }} as fiscal_number,
        {{ parse_decimal('other_printed') }} as other_number,
        {{ half_last_digit('fiscal_yuan', 'fiscal_scale', 'fiscal_unit') }} as fiscal_half_digit,
        coalesce({{ half_last_digit('other_yuan', 'other_scale', 'other_unit') }}, 0) as other_half_digit
    from {{ new_rows(ref('fct_project')) }}
    where budget_yuan is not null and fiscal_yuan is not null
),

-- The numbers agree as they are printed, the units do not.
judged as (
    select
        *,
        budget_unit <> fiscal_unit
        and budget_number = fiscal_number + coalesce(case when other_unit = fiscal_unit then other_number end, 0)
        and budget_number <> 0 as is_unit_slip
    from project
),

-- Projects are counted once: a unit publishes one form a project.
all_projects as (
    select
        document_id,
        unit_key,
        count(*) as project_count,
        cast(sum(budget_yuan) as decimal(38, 2)) as budget_yuan,
        cast(sum({{ half_last_digit('budget_yuan', 'budget_scale', 'budget_unit') }}) as decimal(38, 8)) as half_digit,
        max(budget_scale) as budget_scale,
        {{ locator_span('source_locator', 'form_no') }} as source_locator
    from {{ new_rows(ref('fct_project')) }}
    where budget_yuan is not null
    group by document_id, unit_key
),

compared as (
    select
        'project_fund_sum' as finding_code,
        document_id,
        form_no,
        'fct_project' as fact_table,
        fct_project_key as fact_key,
        project_name as subject,
        cast(null as string) as note,
        budget_printed as a_printed,
        budget_unit as a_unit,
        budget_scale as a_scale,
        budget_yuan as a_yuan,
        coalesce(budget_locator, source_locator) as a_locator,
        case
            when other_yuan is null
                then {{ printed_beside('fiscal_printed', 'fiscal_unit', 'budget_unit') }}
        end as b_printed,
        greatest(budget_scale, fiscal_scale, coalesce(other_scale, 0)) as b_scale,
        fiscal_yuan + coalesce(other_yuan, 0) as b_yuan,
        fiscal_half_digit + other_half_digit as b_half_digit,
        coalesce(fiscal_locator, source_locator) as b_locator,
        true as is_complete
    from judged
    where not is_unit_slip
    union all
    select
        'project_sum_against_expenditure' as finding_code,
        line.document_id,
        line.form_no,
        'fct_budget_line' as fact_table,
        line.fct_budget_line_key as fact_key,
        line.measure_printed as subject,
        cast(all_projects.project_count as string) as note,
        line.amount_printed as a_printed,
        line.amount_unit as a_unit,
        line.amount_scale as a_scale,
        line.amount_yuan as a_yuan,
        line.source_locator as a_locator,
        cast(null as string) as b_printed,
        greatest(line.amount_scale, all_projects.budget_scale) as b_scale,
        all_projects.budget_yuan as b_yuan,
        all_projects.half_digit as b_half_digit,
        all_projects.source_locator as b_locator,
        -- A gap may be projects that are not published; a sum above the expenditure is none.
        all_projects.budget_yuan > line.amount_yuan as is_complete
    from all_projects
    inner join {{ new_rows(ref('fct_budget_line')) }} as line
        on all_projects.document_id = line.document_id and all_projects.unit_key = line.unit_key
    where
        line.form_code = 'B_EXPEND'
        and line.class_code = 'total'
        and line.measure_code = 'project'
        and line.amount_yuan is not null
),

slip as (
    select
        *,
        {{ with_unit('budget_printed', 'budget_unit') }} as budget_with_unit,
        {{ with_unit('fiscal_printed', 'fiscal_unit') }} as fiscal_with_unit
    from judged
    where is_unit_slip
),

in_unit as (
    select
        *,
        {{ amounts_in_unit() }}
    from compared
)

select {{ finding_of_numbers() }}
from in_unit
where a_number <> b_number
union all
select
    {{ finding_columns(
        code="'project_unit_slip'",
        outcome="'contradiction'",
        subject='project_name',
        fact_table="'fct_project'",
        fact_key='fct_project_key',
        value_a='budget_with_unit',
        value_b='fiscal_with_unit',
        locator_a='coalesce(budget_locator, purpose_locator, source_locator)',
        locator_b='coalesce(fiscal_locator, purpose_locator, source_locator)'
    ) }}
from slip
