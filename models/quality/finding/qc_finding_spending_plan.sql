-- Grain: one row a finding on the cumulative spending plan of a project: it should not fall and should end at 100.
-- Blank cells stay blank: they are never read as 0.

with month as (
    select
        *,
        row_number() over (partition by document_id, form_no order by plan_no desc nulls last) as from_end
    from {{ new_rows(ref('fct_project_spending_plan')) }}
),

-- The nearest printed value before each one, over blanks.
step as (
    select
        later.*,
        earlier.cumulative_pct as earlier_pct,
        earlier.printed as earlier_printed,
        earlier.month_printed as earlier_month,
        earlier.source_locator as earlier_locator,
        row_number() over (
            partition by later.document_id, later.form_no, later.plan_no order by earlier.plan_no desc nulls last
        ) as choice
    from month as later
    inner join month as earlier
        on
            later.document_id = earlier.document_id
            and later.form_no = earlier.form_no
            and later.plan_no > earlier.plan_no
            and earlier.cumulative_pct is not null
    where later.cumulative_pct is not null
),

fall as (
    select
        *,
        row_number() over (partition by document_id, form_no order by plan_no nulls last) as occurrence
    from step
    where choice = 1 and cumulative_pct < earlier_pct
),

plan as (
    select
        document_id,
        form_no,
        min(project_name) as project_name,
        min(fct_project_spending_plan_key) as fact_key,
        count(*) as month_count,
        count(cumulative_pct) as value_count,
        sum(case when printed is null then 1 else 0 end) as blank_count,
        max(cumulative_pct) as highest_pct,
        max_by(printed, 1000 * cumulative_pct - plan_no) as highest_printed,
        max_by(source_locator, 1000 * cumulative_pct - plan_no) as highest_locator,
        max(case when from_end = 1 then month_printed end) as last_month,
        max(case when from_end = 1 then printed end) as last_printed,
        max(case when from_end = 1 then source_locator end) as last_locator,
        max(case when plan_no = 1 then source_locator end) as first_locator
    from month
    group by document_id, form_no
)

select
    {{ finding_columns(
        code="'plan_falls'",
        outcome="'contradiction'",
        subject='project_name',
        fact_table="'fct_project_spending_plan'",
        fact_key='fct_project_spending_plan_key',
        value_a="earlier_month || ' ' || earlier_printed",
        value_b="month_printed || ' ' || printed",
        locator_a='earlier_locator',
        locator_b='source_locator'
    ) }}
from fall
where occurrence = 1
union all
select
    {{ finding_columns(
        code="'plan_flat'",
        outcome="'contradiction'",
        subject='project_name',
        fact_table="'fct_project_spending_plan'",
        fact_key='fct_project_spending_plan_key',
        value_a="earlier_month || ' ' || earlier_printed",
        value_b="month_printed || ' ' || printed",
        locator_a='earlier_locator',
        locator_b='source_locator'
    ) }}
from step
where choice = 1 and cumulative_pct = earlier_pct and cumulative_pct > 0 and cumulative_pct < 100
union all
select
    {{ finding_columns(
        code="'plan_never_100'",
        outcome="'contradiction'",
        subject='project_name',
        fact_table="'fct_project_spending_plan'",
        fact_key='fact_key',
        value_a='highest_printed',
        value_b="'100%'",
        locator_a='highest_locator',
        locator_b='last_locator'
    ) }}
from plan
where value_count > 0 and highest_pct < 100
union all
select
    {{ finding_columns(
        code="'plan_end_blank'",
        outcome="'not_checkable'",
        subject='project_name',
        fact_table="'fct_project_spending_plan'",
        fact_key='fact_key',
        value_a='highest_printed',
        value_b="last_month",
        locator_a='highest_locator',
        locator_b='last_locator'
    ) }}
from plan
where value_count > 0 and highest_pct >= 100 and last_printed is null
union all
select
    {{ finding_columns(
        code="'plan_cell_blank'",
        outcome="'not_checkable'",
        subject='project_name',
        fact_table="'fct_project_spending_plan'",
        fact_key='fact_key',
        value_a='blank_count',
        value_b='month_count',
        locator_a='first_locator',
        locator_b='last_locator'
    ) }}
from plan
where value_count > 0 and blank_count > 0 and last_printed is not null
union all
select
    {{ finding_columns(
        code="'plan_blank'",
        outcome="'not_checkable'",
        subject='project_name',
        fact_table="'fct_project_spending_plan'",
        fact_key='fact_key',
        value_a='blank_count',
        value_b='month_count',
        locator_a='first_locator',
        locator_b='last_locator'
    ) }}
from plan
where blank_count = month_count
union all
select
    {{ finding_columns(
        code="'plan_above_100'",
        outcome="'contradiction'",
        subject='project_name',
        fact_table="'fct_project_spending_plan'",
        fact_key='fct_project_spending_plan_key',
        value_a="month_printed || ' ' || printed",
        value_b="'100%'",
        locator_a='source_locator'
    ) }}
from month
where cumulative_pct > 100
union all
select
    {{ finding_columns(
        code="'plan_malformed'",
        outcome="'contradiction'",
        subject='project_name',
        fact_table="'fct_project_spending_plan'",
        fact_key='fct_project_spending_plan_key',
        value_a="month_printed || ' ' || printed",
        locator_a='source_locator'
    ) }}
from month
where printed is not null and not {{ rx_matches(normalise_printed('printed'), '^[0-9]+([.][0-9]+)?%?$') }}
