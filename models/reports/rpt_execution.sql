-- Grain: one row a figure of a final account (or of a self-evaluation) beside the budget of the same year.
-- basis says what is compared: two forms, the two columns of a three-public form, what prose states, or the amounts of
-- a project.
{{ config(materialized='incremental', pre_hook='{{ delete_rows_of_changed_units() }}') }}

with measure as (
    select 'initial_budget' as measure_code
    union all
    select 'annual_budget' as measure_code
),

line as (
    select
        *,
        replace(replace(form_code, 'F_', ''), 'B_', '') as form_pair,
        concat_ws(
            '|', side, {{ remove_white_space(round_brackets('class_group_printed')) }}, class_key, measure_key,
            cast(occurrence_no as string)
        ) as subject
    from {{ rows_of_changed_units(ref('rpt_budget_line')) }}
),

-- Both forms are published: a line that only one of them prints is a row with the other side missing.
form_pair as (
    select
        final.unit_key,
        final.report_scope,
        final.fiscal_year,
        final.form_pair,
        min(final.form_code) as form_code
    from line as final
    inner join line as budget
        on
            final.unit_key = budget.unit_key
            and final.report_scope = budget.report_scope
            and final.fiscal_year = budget.fiscal_year
            and final.form_pair = budget.form_pair
            and final.phase = 'final'
            and budget.phase = 'budget'
    group by final.unit_key, final.report_scope, final.fiscal_year, final.form_pair
),

subject as (
    select distinct
        form_pair.unit_key,
        form_pair.report_scope,
        form_pair.fiscal_year,
        form_pair.form_pair,
        form_pair.form_code,
        line.subject
    from form_pair
    inner join line
        on
            form_pair.unit_key = line.unit_key
            and form_pair.report_scope = line.report_scope
            and form_pair.fiscal_year = line.fiscal_year
            and form_pair.form_pair = line.form_pair
),

form_line as (
    select
        'form' as basis,
        subject.unit_key,
        subject.report_scope,
        subject.fiscal_year,
        subject.form_code,
        coalesce(final.side, budget.side) as side,
        coalesce(final.class_code, budget.class_code) as class_code,
        coalesce(final.class_name, budget.class_name) as class_name,
        coalesce(final.measure_key, budget.measure_key) as measure_code,
        cast(null as string) as project_key,
        final.amount_yuan,
        final.document_id,
        final.source_locator,
        budget.amount_yuan as budget_yuan,
        budget.document_id as budget_document_id,
        budget.source_locator as budget_source_locator,
        concat_ws('|', subject.form_code, subject.subject) as subject
    from subject
    left join line as final
        on
            subject.unit_key = final.unit_key
            and subject.report_scope = final.report_scope
            and subject.fiscal_year = final.fiscal_year
            and subject.form_pair = final.form_pair
            and subject.subject = final.subject
            and final.phase = 'final'
    left join line as budget
        on
            subject.unit_key = budget.unit_key
            and subject.report_scope = budget.report_scope
            and subject.fiscal_year = budget.fiscal_year
            and subject.form_pair = budget.form_pair
            and subject.subject = budget.subject
            and budget.phase = 'budget'
),

three_public_final as (
    select expense.*
    from {{ rows_of_changed_units(ref('fct_three_public_expense')) }} as expense
    inner join {{ ref('dim_form') }} as form
        on expense.document_id = form.document_id and expense.form_no = form.form_no and form.is_latest
    where expense.phase = 'final'
),

-- The final account prints the budget of an item beside it; else the budget of the year has it.
three_public_budget as (
    select
        final.fct_three_public_expense_key,
        budget.amount_yuan,
        budget.document_id,
        budget.source_locator,
        0 as preference
    from three_public_final as final
    inner join {{ ref('fct_three_public_expense') }} as budget
        on
            final.document_id = budget.document_id
            and final.form_no = budget.form_no
            and final.item_code = budget.item_code
            and final.fund_code = budget.fund_code
            and budget.phase = 'budget'
    union all
    select
        final.fct_three_public_expense_key,
        budget.amount_yuan,
        budget.document_id,
        budget.source_locator,
        1 as preference
    from three_public_final as final
    inner join {{ ref('rpt_three_public') }} as budget
        on
            final.unit_key = budget.unit_key
            and final.report_scope = budget.report_scope
            and final.fiscal_year = budget.fiscal_year
            and final.item_code = budget.item_code
            and final.fund_code = budget.fund_code
            and budget.phase = 'budget'
),

three_public_choice as (
    select
        *,
        row_number() over (
            partition by fct_three_public_expense_key order by preference asc, source_locator asc
        ) as choice
    from three_public_budget
),

three_public as (
    select
        'three_public' as basis,
        final.unit_key,
        final.report_scope,
        final.fiscal_year,
        final.form_code,
        'expenditure' as side,
        final.item_code as class_code,
        final.item_printed as class_name,
        final.fund_code as measure_code,
        cast(null as string) as project_key,
        final.amount_yuan,
        final.document_id,
        final.source_locator,
        budget.amount_yuan as budget_yuan,
        budget.document_id as budget_document_id,
        budget.source_locator as budget_source_locator,
        concat_ws('|', final.item_code, final.fund_code) as subject
    from three_public_final as final
    inner join three_public_choice as budget
        on final.fct_three_public_expense_key = budget.fct_three_public_expense_key and budget.choice = 1
),

-- `…（类）…（款）…（项）/年初预算` and `/支出决算` of one paragraph.
stated as (
    select
        figure.*,
        regexp_extract(figure.metric_printed, '^(.*)/(年初预算|支出决算|决算)数?$', 1) as subject_printed,
        regexp_extract(figure.metric_printed, '^(.*)/(年初预算|支出决算|决算)数?$', 2) as stage_printed,
        regexp_extract({{ round_brackets('figure.metric_printed') }}, '[(]款[)](.*)[(]项[)]/', 1) as class_name,
        regexp_extract({{ round_brackets('figure.metric_printed') }}, '[(]类[)](.*)[(]款[)]', 1) as parent_name
    from {{ rows_of_changed_units(ref('fct_narrative_figure')) }} as figure
    inner join {{ ref('dim_document') }} as document
        on figure.document_id = document.document_id and document.is_current
    where document.phase = 'final' and figure.amount_yuan is not null
),

-- The code of a class that prose names by 款 and 项, from the form of the same document.
class_of_form as (
    select
        item.document_id,
        item.class_code,
        {{ normalise_line_name('item.class_name_printed') }} as class_name,
        {{ normalise_line_name('parent.class_name_printed') }} as parent_name
    from {{ ref('fct_budget_line') }} as item
    inner join {{ ref('fct_budget_line') }} as parent
        on
            item.document_id = parent.document_id
            and item.form_no = parent.form_no
            and left(item.class_code, 5) = parent.class_code
    where
        item.form_code = 'F_GPB_FUNC'
        and item.class_level = 3
        and item.document_id in (select stated.document_id from stated)
    group by
        item.document_id, item.class_code,
        {{ normalise_line_name('item.class_name_printed') }}, {{ normalise_line_name('parent.class_name_printed') }}
),

told as (
    select
        'narrative' as basis,
        final.unit_key,
        final.report_scope,
        final.fiscal_year,
        cast(null as string) as form_code,
        'expenditure' as side,
        class_of_form.class_code,
        final.subject_printed as class_name,
        'total' as measure_code,
        cast(null as string) as project_key,
        final.amount_yuan,
        final.document_id,
        final.source_locator,
        budget.amount_yuan as budget_yuan,
        budget.document_id as budget_document_id,
        budget.source_locator as budget_source_locator,
        concat_ws('|', final.subject_printed, cast(final.figure_no as string)) as subject
    from stated as final
    inner join stated as budget
        on
            final.document_id = budget.document_id
            and final.source_locator = budget.source_locator
            and final.figure_no = budget.figure_no + 1
            and (
                final.subject_printed = budget.subject_printed
                -- The first figure of a pair may carry its subject without a stroke.
                or budget.metric_printed = final.subject_printed || '年初预算'
            )
            and (budget.stage_printed = '年初预算' or {{ rx_matches('budget.metric_printed', '年初预算数?$') }})
    left join class_of_form
        on
            final.document_id = class_of_form.document_id
            and {{ normalise_line_name('final.class_name') }} = class_of_form.class_name
            and {{ normalise_line_name('final.parent_name') }} = class_of_form.parent_name
    where final.phase = 'final' and final.stage_printed in ('支出决算', '决算')
),

project as (
    select
        'project' as basis,
        evaluation.unit_key,
        evaluation.report_scope,
        evaluation.fiscal_year,
        cast(null as string) as form_code,
        'expenditure' as side,
        cast(null as string) as class_code,
        evaluation.project_name as class_name,
        measure.measure_code,
        evaluation.project_key,
        evaluation.executed_yuan as amount_yuan,
        evaluation.document_id,
        coalesce(evaluation.execution_locator, evaluation.source_locator) as source_locator,
        case measure.measure_code
            when 'initial_budget' then evaluation.initial_budget_yuan
            else evaluation.annual_budget_yuan
        end as budget_yuan,
        evaluation.document_id as budget_document_id,
        coalesce(evaluation.execution_locator, evaluation.source_locator) as budget_source_locator,
        concat_ws('|', evaluation.fct_project_evaluation_key, measure.measure_code) as subject
    from {{ rows_of_changed_units(ref('fct_project_evaluation')) }} as evaluation
    inner join {{ ref('dim_document') }} as document
        on evaluation.document_id = document.document_id and document.is_current
    cross join measure
    where evaluation.executed_yuan is not null
),

figure as (
    select * from form_line
    union all
    select * from three_public
    union all
    select * from told
    union all
    select * from project
),

compared as (
    select
        figure.*,
        case
            when figure.report_scope is null then 'break'
            when figure.amount_yuan is null or figure.budget_yuan is null then 'missing'
            when figure.budget_yuan = 0 then 'zero_base'
            else 'comparable'
        end as comparability
    from figure
    where figure.fiscal_year is not null
)

select
    {{ surrogate_key([
        'compared.basis', 'compared.unit_key', 'compared.report_scope', 'compared.fiscal_year',
        'coalesce(compared.document_id, compared.budget_document_id)', 'compared.subject'
    ]) }} as rpt_execution_key,
    compared.basis,
    compared.unit_key,
    unit.unit_name,
    compared.report_scope,
    compared.fiscal_year,
    compared.form_code,
    compared.side,
    compared.class_code,
    compared.class_name,
    compared.measure_code,
    compared.project_key,
    compared.amount_yuan,
    compared.fiscal_year as prior_year,
    compared.budget_yuan as prior_amount_yuan,
    {{ change_yuan('compared.amount_yuan', 'compared.budget_yuan', 'compared.comparability') }} as change_yuan,
    {{ change_pct('compared.amount_yuan', 'compared.budget_yuan', 'compared.comparability') }} as change_pct,
    case
        when compared.comparability = 'comparable' then
            cast(
                {{ round_percent(
                    '100 * cast(compared.amount_yuan as double) / nullif(cast(compared.budget_yuan as double), 0)'
                ) }}
                as decimal(18, 4)
            )
    end as execution_pct,
    compared.comparability,
    case
        when compared.report_scope is null then 'scope_unknown'
        when compared.source_locator is null then 'not_in_final_account'
        when compared.budget_source_locator is null then 'not_in_budget'
        when compared.amount_yuan is null then 'amount_not_a_number'
        when compared.budget_yuan is null then 'budget_not_a_number'
        when compared.budget_yuan = 0 then 'prior_amount_zero'
    end as break_reason,
    case when compared.basis = 'narrative' then 'narrative' else 'table' end as prior_source,
    compared.document_id,
    compared.source_locator,
    compared.budget_document_id as prior_document_id,
    compared.budget_source_locator as prior_source_locator
from compared
inner join {{ ref('dim_unit') }} as unit on compared.unit_key = unit.unit_key
-- What is compared in one way lies together, and in it the rows of a unit: a question about either reads a part of the
-- table.
order by compared.basis, compared.unit_key, compared.fiscal_year
