-- Grain: one row a finding on a self-evaluation.
-- Weights, scores, execution, funds, grade, and the form against the summary.
-- Points are awarded, not rounded: sums of weights and scores have no tolerance. Rates and amounts have that of their
-- printed digits.

{% set amounts = ['initial', 'annual', 'executed'] %}

with evaluation as (
    select
        *,
        {{ printed_scale('execution_rate_printed') }} as rate_scale
    from {{ new_rows(ref('fct_project_evaluation')) }}
),

form as (
    select *
    from evaluation
    where match_kind <> 'summary'
),

fund as (
    select
        *,
        cast({{ printed_scale('rate_printed') }} as integer) as rate_scale,
        cast({{ printed_scale('score_printed') }} as integer) as score_scale,
        {% for amount in amounts -%}
            cast({{ printed_scale(amount ~ '_printed') }} as integer) as {{ amount }}_scale,
            {{ half_last_digit(
                amount ~ '_yuan',
                printed_scale(amount ~ '_printed'),
                'coalesce(' ~ printed_unit(amount ~ '_printed') ~ ', amount_unit)'
            ) }} as {{ amount }}_half_digit,
        {% endfor -%}
        row_number() over (
            partition by document_id, form_no, fund_source_code order by fund_no nulls last
        ) as occurrence
    from {{ new_rows(ref('fct_evaluation_fund')) }}
),

execution as (
    select *
    from fund
    where fund_source_code = 'total' and occurrence = 1
),

indicator as (
    select *
    from {{ new_rows(ref('fct_project_indicator')) }}
    where stage = 'self_evaluation'
),

indicator_sum as (
    select
        document_id,
        form_no,
        cast(sum(weight) as decimal(28, 6)) as weight_sum,
        cast(sum(score) as decimal(28, 6)) as score_sum,
        count(*) as indicator_count,
        count(weight) as weight_count,
        count(score) as score_count,
        {{ locator_span('source_locator', 'indicator_no') }} as source_locator
    from indicator
    group by document_id, form_no
),

-- Execution has its own row of weight and score in the fund block; forms without it score the indicators alone.
sums as (
    select
        form.document_id,
        form.form_no,
        form.fct_project_evaluation_key as fact_key,
        form.project_name as subject,
        form.total_weight_printed,
        form.total_weight,
        form.total_score_printed,
        form.total_score,
        indicator_sum.source_locator,
        coalesce(form.total_locator, form.source_locator) as total_locator,
        indicator_sum.weight_sum + coalesce(execution.weight, 0) as weight_sum,
        indicator_sum.score_sum + coalesce(execution.score, 0) as score_sum,
        indicator_sum.weight_count = indicator_sum.indicator_count as weights_complete,
        indicator_sum.score_count = indicator_sum.indicator_count
        and (execution.weight is null or execution.score is not null) as scores_complete
    from form
    inner join indicator_sum
        on form.document_id = indicator_sum.document_id and form.form_no = indicator_sum.form_no
    left join execution on form.document_id = execution.document_id and form.form_no = execution.form_no
),

level_label as (
    select
        printed.document_id,
        printed.form_no,
        category.category_code,
        min(printed.level1_printed) as level1_printed,
        min(printed.level1_weight_printed) as weight_printed,
        min(printed.source_locator) as source_locator
    from {{ new_rows(ref('stg_indicator_level')) }} as printed
    inner join {{ ref('indicator_category') }} as category
        on
            category.category_level = 1
            and regexp_replace({{ normalise_printed('printed.level1_printed') }}, '指标分?$', '') = category.label
    where printed.level1_weight_printed is not null
    group by printed.document_id, printed.form_no, category.category_code
    having count(*) = 1
),

level_sum as (
    select
        document_id,
        form_no,
        level1_code,
        cast(sum(weight) as decimal(28, 6)) as weight_sum,
        count(*) = count(weight) as is_complete,
        {{ locator_span('source_locator', 'indicator_no') }} as source_locator
    from indicator
    group by document_id, form_no, level1_code
),

number_compared as (
    select
        'weight_total_sum' as finding_code,
        document_id,
        form_no,
        'fct_project_evaluation' as fact_table,
        fact_key,
        subject,
        cast(null as string) as note,
        '分' as value_unit,
        total_weight_printed as a_printed,
        cast(total_weight as decimal(28, 6)) as a_number,
        total_locator as a_locator,
        cast(null as string) as b_printed,
        weight_sum as b_number,
        cast(null as integer) as b_scale,
        source_locator as b_locator,
        cast(0 as decimal(28, 6)) as tolerance,
        weights_complete as is_complete
    from sums
    union all
    select
        'score_total_sum' as finding_code,
        document_id,
        form_no,
        'fct_project_evaluation' as fact_table,
        fact_key,
        subject,
        cast(null as string) as note,
        '分' as value_unit,
        total_score_printed as a_printed,
        cast(total_score as decimal(28, 6)) as a_number,
        total_locator as a_locator,
        cast(null as string) as b_printed,
        score_sum as b_number,
        cast(null as integer) as b_scale,
        source_locator as b_locator,
        cast(0 as decimal(28, 6)) as tolerance,
        scores_complete as is_complete
    from sums
    union all
    -- What a whole evaluation is worth is 100 points everywhere.
    select
        'weight_total_not_100' as finding_code,
        document_id,
        form_no,
        'fct_project_evaluation' as fact_table,
        fact_key,
        subject,
        cast(null as string) as note,
        '分' as value_unit,
        total_weight_printed as a_printed,
        cast(total_weight as decimal(28, 6)) as a_number,
        total_locator as a_locator,
        '100' as b_printed,
        cast(100 as decimal(28, 6)) as b_number,
        cast(null as integer) as b_scale,
        cast(null as string) as b_locator,
        cast(0 as decimal(28, 6)) as tolerance,
        true as is_complete
    from sums
    union all
    select
        'level1_weight_sum' as finding_code,
        level_label.document_id,
        level_label.form_no,
        'fct_project_evaluation' as fact_table,
        form.fct_project_evaluation_key as fact_key,
        concat_ws(' · ', form.project_name, {{ remove_white_space('level_label.level1_printed') }}) as subject,
        cast(null as string) as note,
        '分' as value_unit,
        level_label.weight_printed as a_printed,
        cast({{ parse_decimal('level_label.weight_printed') }} as decimal(28, 6)) as a_number,
        level_label.source_locator as a_locator,
        cast(null as string) as b_printed,
        level_sum.weight_sum as b_number,
        cast(null as integer) as b_scale,
        level_sum.source_locator as b_locator,
        cast(0 as decimal(28, 6)) as tolerance,
        level_sum.is_complete
    from level_label
    inner join level_sum
        on
            level_label.document_id = level_sum.document_id
            and level_label.form_no = level_sum.form_no
            and level_label.category_code = level_sum.level1_code
    inner join form on level_label.document_id = form.document_id and level_label.form_no = form.form_no
    union all
    -- A rate that is the quotient to two decimals at least is no finding, however it is printed. What the rounding of
    -- rate and amounts may hide is no contradiction: the rate may have been worked out before they were rounded.
    select
        'execution_rate' as finding_code,
        document_id,
        form_no,
        'fct_evaluation_fund' as fact_table,
        fct_evaluation_fund_key as fact_key,
        concat_ws(' · ', project_name, fund_source_printed) as subject,
        concat(executed_printed, ' / ', annual_printed) as note,
        '%' as value_unit,
        rate_printed as a_printed,
        cast(rate_pct as decimal(28, 6)) as a_number,
        source_locator as a_locator,
        cast(null as string) as b_printed,
        cast(
            {{ round_to(
                '100 * cast(executed_yuan as double) / nullif(cast(annual_yuan as double), 0)', 'greatest(rate_scale, 2)'
            ) }}
            as decimal(28, 6)
        ) as b_number,
        greatest(rate_scale, 2) as b_scale,
        source_locator as b_locator,
        cast(
            5 * power(10, -1 - rate_scale)
            + 100 * (
                cast(executed_half_digit as double)
                + cast(annual_half_digit as double) * cast(executed_yuan as double) / cast(annual_yuan as double)
            ) / cast(annual_yuan as double)
            as decimal(28, 6)
        ) as tolerance,
        true as is_complete
    from fund
    where rate_pct is not null and executed_yuan is not null and annual_yuan > 0
    union all
    select
        'execution_score' as finding_code,
        document_id,
        form_no,
        'fct_evaluation_fund' as fact_table,
        fct_evaluation_fund_key as fact_key,
        project_name as subject,
        concat(weight_printed, ' × ', rate_printed) as note,
        '分' as value_unit,
        score_printed as a_printed,
        cast(score as decimal(28, 6)) as a_number,
        source_locator as a_locator,
        cast(null as string) as b_printed,
        cast(least(weight, weight * rate_pct / 100) as decimal(28, 6)) as b_number,
        cast(null as integer) as b_scale,
        source_locator as b_locator,
        cast(
            5 * power(10, -1 - score_scale) + cast(weight as double) / 100 * 5 * power(10, -1 - rate_scale)
            as decimal(28, 6)
        ) as tolerance,
        true as is_complete
    from execution
    where rate_pct is not null and score is not null and weight is not null
    union all
    select
        'summary_score_form' as finding_code,
        document_id,
        form_no,
        'fct_project_evaluation' as fact_table,
        fct_project_evaluation_key as fact_key,
        project_name as subject,
        cast(null as string) as note,
        '分' as value_unit,
        summary_score_printed as a_printed,
        cast(summary_score as decimal(28, 6)) as a_number,
        summary_locator as a_locator,
        total_score_printed as b_printed,
        cast(total_score as decimal(28, 6)) as b_number,
        cast(null as integer) as b_scale,
        coalesce(total_locator, source_locator) as b_locator,
        cast(0 as decimal(28, 6)) as tolerance,
        true as is_complete
    from evaluation
    where match_kind = 'form+summary'
),

fund_amount as (
    {% for amount in amounts -%}
        select
            '{{ amount }}' as amount_code,
            fct_evaluation_fund_key,
            document_id,
            form_no,
            fund_no,
            fund_source_code,
            fund_source_printed,
            project_name,
            occurrence,
            source_locator,
            {{ amount }}_printed as amount_printed,
            {{ amount }}_scale as amount_scale,
            coalesce({{ printed_unit(amount ~ '_printed') }}, amount_unit) as amount_unit,
            {{ amount }}_yuan as amount_yuan
        from fund
        where {{ amount }}_yuan is not null
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}
),

source_sum as (
    select
        document_id,
        form_no,
        amount_code,
        cast(sum(amount_yuan) as decimal(38, 2)) as b_yuan,
        cast(sum({{ half_last_digit('amount_yuan', 'amount_scale', 'amount_unit') }}) as decimal(38, 8))
            as b_half_digit,
        max(amount_scale) as b_scale,
        {{ locator_span('source_locator', 'fund_no') }} as b_locator
    from fund_amount
    where fund_source_code <> 'total'
    group by document_id, form_no, amount_code
),

matched as (
    select
        *,
        cast({{ printed_scale('summary_amount_printed') }} as integer) as summary_amount_scale
    from evaluation
    where match_kind = 'form+summary' and summary_amount_yuan is not null and annual_budget_yuan is not null
),

amount_compared as (
    select
        'fund_source_sum' as finding_code,
        total.document_id,
        total.form_no,
        'fct_evaluation_fund' as fact_table,
        total.fct_evaluation_fund_key as fact_key,
        concat_ws(
            ' · ', total.project_name,
            case total.amount_code
                when 'initial' then '年初预算数' when 'annual' then '全年预算数' else '全年执行数'
            end
        ) as subject,
        cast(null as string) as note,
        total.amount_printed as a_printed,
        total.amount_unit as a_unit,
        total.amount_scale as a_scale,
        total.amount_yuan as a_yuan,
        total.source_locator as a_locator,
        cast(null as string) as b_printed,
        greatest(total.amount_scale, source_sum.b_scale) as b_scale,
        source_sum.b_yuan,
        source_sum.b_half_digit,
        source_sum.b_locator,
        true as is_complete
    from fund_amount as total
    inner join source_sum
        on
            total.document_id = source_sum.document_id
            and total.form_no = source_sum.form_no
            and total.amount_code = source_sum.amount_code
    where total.fund_source_code = 'total' and total.occurrence = 1
    union all
    -- An amount of the summary that is none of the three of its form.
    select
        'summary_amount_form' as finding_code,
        document_id,
        form_no,
        'fct_project_evaluation' as fact_table,
        fct_project_evaluation_key as fact_key,
        project_name as subject,
        cast(null as string) as note,
        summary_amount_printed as a_printed,
        summary_amount_unit as a_unit,
        summary_amount_scale as a_scale,
        summary_amount_yuan as a_yuan,
        summary_locator as a_locator,
        {{ printed_beside('annual_budget_printed', 'amount_unit', 'summary_amount_unit') }} as b_printed,
        cast({{ printed_scale('annual_budget_printed') }} as integer) as b_scale,
        annual_budget_yuan as b_yuan,
        {{ half_last_digit('annual_budget_yuan', printed_scale('annual_budget_printed'), 'amount_unit') }}
            as b_half_digit,
        coalesce(execution_locator, source_locator) as b_locator,
        true as is_complete
    from matched
    where
        summary_amount_yuan <> coalesce(executed_yuan, -1)
        and summary_amount_yuan <> coalesce(initial_budget_yuan, -1)
),

above_weight as (
    select
        document_id,
        form_no,
        'fct_project_indicator' as fact_table,
        fct_project_indicator_key as fact_key,
        concat_ws(' · ', project_name, level3) as subject,
        score_printed,
        weight_printed,
        score,
        weight,
        source_locator
    from indicator
    union all
    select
        document_id,
        form_no,
        'fct_evaluation_fund' as fact_table,
        fct_evaluation_fund_key as fact_key,
        concat_ws(' · ', project_name, fund_source_printed) as subject,
        score_printed,
        weight_printed,
        score,
        weight,
        source_locator
    from execution
    union all
    select
        document_id,
        form_no,
        'fct_project_evaluation' as fact_table,
        fct_project_evaluation_key as fact_key,
        concat_ws(' · ', project_name, '总分') as subject,
        total_score_printed as score_printed,
        total_weight_printed as weight_printed,
        total_score as score,
        total_weight as weight,
        coalesce(total_locator, source_locator) as source_locator
    from form
),

form_count as (
    select
        document_id,
        sum(case when match_kind <> 'form' then 1 else 0 end) as summary_count,
        sum(case when match_kind <> 'summary' then 1 else 0 end) as form_count,
        min_by(summary_locator, lpad(summary_locator, 40, '0')) filter (where match_kind <> 'form') as summary_locator,
        min_by(source_locator, form_no) filter (where match_kind <> 'summary') as form_locator
    from evaluation
    group by document_id
),

grade_word as (
    select
        document_id,
        grade_printed,
        grade_printed_on_scale,
        count(*) as row_count,
        min_by(summary_locator, lpad(summary_locator, 40, '0')) as summary_locator
    from evaluation
    where grade_printed is not null and grade_printed <> grade_printed_on_scale
    group by document_id, grade_printed, grade_printed_on_scale
),

in_unit as (
    select
        *,
        {{ amounts_in_unit() }}
    from amount_compared
)

select {{ finding_of_numbers() }}
from in_unit
where a_number <> b_number
union all
select {{ finding_of_numbers() }}
from number_compared
where a_number <> b_number
union all
-- The summary gives what was spent, or what was first planned, where it differs from the budget of the year.
select
    {{ finding_columns(
        code="'summary_amount_basis'",
        outcome="'contradiction'",
        subject='project_name',
        fact_table="'fct_project_evaluation'",
        fact_key='fct_project_evaluation_key',
        value_a='summary_amount_printed',
        value_b=printed_beside('annual_budget_printed', 'amount_unit', 'summary_amount_unit'),
        value_unit='summary_amount_unit',
        locator_a='summary_locator',
        locator_b='coalesce(execution_locator, source_locator)',
        note="case when summary_amount_yuan = executed_yuan then '全年执行数' else '年初预算数' end"
    ) }}
from matched
where
    summary_amount_yuan <> annual_budget_yuan
    and (summary_amount_yuan = executed_yuan or summary_amount_yuan = initial_budget_yuan)
union all
select
    {{ finding_columns(
        code="'score_above_weight'",
        outcome="'contradiction'",
        subject='subject',
        fact_table='fact_table',
        fact_key='fact_key',
        value_a='score_printed',
        value_b='weight_printed',
        difference='score - weight',
        locator_a='source_locator',
        locator_b='source_locator'
    ) }}
from above_weight
where score > weight
union all
select
    {{ finding_columns(
        code="'grade_against_score'",
        outcome="'contradiction'",
        subject='summary_name_printed',
        fact_table="'fct_project_evaluation'",
        fact_key='fct_project_evaluation_key',
        form_no='null',
        value_a='grade_printed',
        value_b='summary_score_printed',
        locator_a='summary_locator',
        locator_b='summary_locator',
        note='grade_by_scale'
    ) }}
from evaluation
where grade_printed_on_scale <> grade_by_scale and summary_score is not null
union all
select
    {{ finding_columns(
        code="'grade_wording'",
        outcome="'contradiction'",
        subject="cast(row_count as string)",
        form_no='null',
        value_a='grade_printed',
        value_b='grade_printed_on_scale',
        locator_a='summary_locator'
    ) }}
from grade_word
union all
select
    {{ finding_columns(
        code="'summary_name_form'",
        outcome="'contradiction'",
        subject='project_name',
        fact_table="'fct_project_evaluation'",
        fact_key='fct_project_evaluation_key',
        value_a='summary_name_printed',
        value_b='project_name',
        locator_a='summary_locator',
        locator_b='source_locator',
        note='summary_score_printed'
    ) }}
from evaluation
where
    match_kind = 'form+summary'
    and {{ normalise_printed('summary_name_printed') }} <> {{ normalise_printed('project_name') }}
union all
select
    {{ finding_columns(
        code="'evaluation_form_count'",
        outcome="'contradiction'",
        subject="'自评汇总表'",
        form_no='null',
        value_a='summary_count',
        value_b='form_count',
        difference='summary_count - form_count',
        locator_a='summary_locator',
        locator_b='form_locator'
    ) }}
from form_count
where summary_count > 0 and form_count > 0 and summary_count <> form_count
