-- Grain: one row a finding on a figure that prose states.
-- Against the table of the same figure, its own components, the list that it adds up, and the summary.

{# Metric of the prose, and where a table prints the same figure. `beside` is what the same sentence has to state where
   the name alone does not tell of which total it is a part. #}
{% set table_rules = [
    ('fiscal_grant', 'B_TOTAL', 'fiscal_grant', 'amount', 'total_income'),
    ('total_income', 'B_TOTAL', 'total_income', 'amount', none),
    ('total_expenditure', 'B_TOTAL', 'total_expenditure', 'amount', none),
    ('total_budget', 'B_TOTAL', 'total_income', 'amount', none),
    ('general', 'B_TOTAL', 'general', 'amount', none),
    ('government_fund', 'B_TOTAL', 'government_fund', 'amount', none),
    ('state_capital', 'B_TOTAL', 'state_capital', 'amount', none),
    ('fiscal_special_account', 'B_TOTAL', 'fiscal_special_account', 'amount', none),
    ('unit_funds', 'B_TOTAL', 'unit_funds', 'amount', none),
    ('business_income', 'B_TOTAL', 'business_income', 'amount', none),
    ('operating_income', 'B_TOTAL', 'operating_income', 'amount', none),
    ('superior_subsidy', 'B_TOTAL', 'superior_subsidy', 'amount', none),
    ('affiliate_remittance', 'B_TOTAL', 'affiliate_remittance', 'amount', none),
    ('other_income', 'B_TOTAL', 'other_income', 'amount', none),
    ('carry_over_in', 'B_TOTAL', 'carry_over_in', 'amount', none),
    ('basic', 'B_EXPEND', 'total', 'basic', none),
    ('project', 'B_EXPEND', 'total', 'project', none),
    ('personnel', 'B_GPB_BASIC', 'total', 'personnel', none),
    ('public', 'B_GPB_BASIC', 'total', 'public', none),
    ('income_expenditure_total', 'F_TOTAL', 'total_income', 'amount', none),
    ('fiscal_income_expenditure_total', 'F_FISCAL', 'total_income', 'amount', none),
    ('total_current_income', 'F_INCOME', 'total', 'total', none),
    ('total_current_expenditure', 'F_EXPEND', 'total', 'total', none),
    ('general_expenditure', 'F_GPB_FUNC', 'total', 'total', none),
    ('fiscal_grant', 'F_INCOME', 'total', 'fiscal_grant', 'total_current_income'),
    ('superior_subsidy', 'F_INCOME', 'total', 'superior_subsidy', 'total_current_income'),
    ('business_income', 'F_INCOME', 'total', 'business_income', 'total_current_income'),
    ('operating_income', 'F_INCOME', 'total', 'operating_income', 'total_current_income'),
    ('affiliate_remittance', 'F_INCOME', 'total', 'affiliate_remittance', 'total_current_income'),
    ('other_income', 'F_INCOME', 'total', 'other_income', 'total_current_income'),
    ('basic', 'F_EXPEND', 'total', 'basic', 'total_current_expenditure'),
    ('project', 'F_EXPEND', 'total', 'project', 'total_current_expenditure'),
    ('general_basic', 'F_GPB_FUNC', 'total', 'basic', none),
    ('personnel', 'F_GPB_BASIC', 'total_personnel', 'amount', 'general_basic'),
    ('public', 'F_GPB_BASIC', 'total_public', 'amount', 'general_basic'),
    ('fiscal_expenditure', 'B_FISCAL', 'total_expenditure', 'total', none),
    ('general_expenditure', 'B_GPB_FUNC', 'total', 'total', none),
    ('government_fund_expenditure', 'B_GOVFUND', 'total', 'total', none),
    ('state_capital_expenditure', 'B_STATECAP', 'total', 'total', none),
] %}
{# Total of a sentence and its components; without the required ones the sentence is no complete list. #}
{% set sum_rules = [
    ('total_income', 'general', 'yes', none),
    ('total_income', 'government_fund', none, none),
    ('total_income', 'state_capital', none, none),
    ('total_income', 'fiscal_special_account', none, none),
    ('total_income', 'unit_funds', none, none),
    ('total_income', 'business_income', none, 'unit_funds'),
    ('total_income', 'operating_income', none, 'unit_funds'),
    ('total_income', 'superior_subsidy', none, 'unit_funds'),
    ('total_income', 'affiliate_remittance', none, 'unit_funds'),
    ('total_income', 'other_income', none, 'unit_funds'),
    ('total_income', 'carry_over_in', none, none),
    ('total_expenditure', 'basic', 'yes', none),
    ('total_expenditure', 'project', 'yes', none),
    ('total_budget', 'basic', 'yes', none),
    ('total_budget', 'project', 'yes', none),
    ('basic', 'personnel', 'yes', none),
    ('basic', 'public', 'yes', none),
    ('three_public_total', 'three_public_overseas', none, none),
    ('three_public_total', 'three_public_vehicle', 'yes', none),
    ('three_public_total', 'three_public_reception', 'yes', none),
    ('three_public_vehicle', 'three_public_vehicle_purchase', 'yes', none),
    ('three_public_vehicle', 'three_public_vehicle_operation', 'yes', none),
    ('total_current_income', 'fiscal_grant', 'yes', none),
    ('total_current_income', 'superior_subsidy', none, none),
    ('total_current_income', 'business_income', none, none),
    ('total_current_income', 'operating_income', none, none),
    ('total_current_income', 'affiliate_remittance', none, none),
    ('total_current_income', 'other_income', none, none),
    ('total_current_expenditure', 'basic', 'yes', none),
    ('total_current_expenditure', 'project', 'yes', none),
    ('total_current_expenditure', 'operating', none, none),
    ('general_basic', 'personnel', 'yes', none),
    ('general_basic', 'public', 'yes', none),
    ('fiscal_expenditure', 'general_expenditure', 'yes', none),
    ('fiscal_expenditure', 'government_fund_expenditure', none, none),
    ('fiscal_expenditure', 'state_capital_expenditure', none, none),
    ('procurement', 'procurement_goods', 'yes', none),
    ('procurement', 'procurement_works', none, none),
    ('procurement', 'procurement_services', 'yes', none),
] %}

with table_rule as (
    select * from {{ rule_rows(['metric_code', 'form_code', 'class_code', 'measure_code', 'beside'], table_rules) }}
),

sum_rule as (
    select * from {{ rule_rows(['total_code', 'part_code', 'is_required', 'unless'], sum_rules) }}
),

figure as (
    select
        *,
        {{ half_last_digit('amount_yuan', 'amount_scale', 'amount_unit') }} as half_digit,
        cast({{ printed_scale('change_printed') }} as integer) as change_scale
    from {{ new_rows(ref('fct_narrative_figure')) }}
),

line as (
    select
        *,
        row_number() over (
            partition by document_id, unit_key, phase, form_code, side, measure_code, class_code
            order by form_no nulls last, row_no nulls last
        ) as occurrence
    from {{ new_rows(ref('fct_budget_line')) }}
    where amount_yuan is not null
),

-- Prose names the personnel and public expenditure of the whole basic expenditure, the form those of one fund: they are
-- the same figure where both forms print one basic expenditure.
basic_is_of_one_fund as (
    select distinct
        expenditure.document_id,
        expenditure.unit_key
    from line as expenditure
    inner join line as basic
        on
            expenditure.document_id = basic.document_id
            and expenditure.unit_key = basic.unit_key
            and expenditure.amount_yuan = basic.amount_yuan
    where
        expenditure.form_code = 'B_EXPEND'
        and expenditure.class_code = 'total'
        and expenditure.measure_code = 'basic'
        and basic.form_code = 'B_GPB_BASIC'
        and basic.class_code = 'total'
        and basic.measure_code = 'total'
),

-- Figures of tables by the metric that prose would give them.
table_figure as (
    select
        table_rule.metric_code,
        table_rule.beside,
        line.document_id,
        line.unit_key,
        line.fiscal_year as figure_year,
        line.phase,
        coalesce(line.form_title_printed, line.form_code) as note,
        line.amount_printed,
        line.amount_unit,
        line.amount_scale,
        line.amount_yuan,
        line.source_locator
    from line
    inner join table_rule
        on
            line.form_code = table_rule.form_code
            and line.class_code = table_rule.class_code
            and line.measure_code = table_rule.measure_code
    left join basic_is_of_one_fund as whole
        on line.document_id = whole.document_id and line.unit_key = whole.unit_key
    where
        line.occurrence = 1
        and (
            table_rule.metric_code not in ('personnel', 'public')
            or table_rule.beside is not null
            or whole.document_id is not null
        )
    union all
    select
        case when item_code = 'agency_operation' then item_code else 'three_public_' || item_code end as metric_code,
        cast(null as string) as beside,
        document_id,
        unit_key,
        fiscal_year as figure_year,
        phase,
        form_code as note,
        amount_printed,
        amount_unit,
        amount_scale,
        amount_yuan,
        source_locator
    from {{ new_rows(ref('fct_three_public_expense')) }}
    where fund_code = 'total' and amount_yuan is not null and item_code is not null
    union all
    select
        'fixed_asset' as metric_code,
        cast(null as string) as beside,
        document_id,
        unit_key,
        {{ year_printed('cast(as_of as string)') }} as figure_year,
        phase,
        item_printed as note,
        value_printed as amount_printed,
        amount_unit,
        amount_scale,
        value_yuan as amount_yuan,
        source_locator
    from {{ new_rows(ref('fct_asset')) }}
    where {{ rx_matches(normalise_line_name('item_printed'), '^(?:固定)?资产(?:总额|总值|合计)$') }} and value_yuan is not null
),

against_table as (
    select distinct
        case
            when figure.amount_yuan = 10000 * printed.amount_yuan or printed.amount_yuan = 10000 * figure.amount_yuan
                then 'narrative_unit_slip'
            else 'narrative_against_table'
        end as finding_code,
        figure.document_id,
        figure.fct_narrative_figure_key as fact_key,
        figure.metric_printed as subject,
        printed.note,
        figure.amount_printed as a_printed,
        figure.amount_unit as a_unit,
        figure.amount_scale as a_scale,
        figure.amount_yuan as a_yuan,
        figure.source_locator as a_locator,
        {{ printed_beside('printed.amount_printed', 'printed.amount_unit', 'figure.amount_unit') }} as b_printed,
        printed.amount_scale as b_scale,
        printed.amount_yuan as b_yuan,
        {{ half_last_digit('printed.amount_yuan', 'printed.amount_scale', 'printed.amount_unit') }} as b_half_digit,
        printed.source_locator as b_locator
    from figure
    inner join table_figure as printed
        on
            figure.document_id = printed.document_id
            and figure.unit_key = printed.unit_key
            and figure.metric_code = printed.metric_code
            and figure.figure_year = printed.figure_year
            and coalesce(figure.phase, printed.phase, '') = coalesce(printed.phase, figure.phase, '')
    left join figure as beside
        on
            figure.document_id = beside.document_id
            and figure.source_locator = beside.source_locator
            and printed.beside = beside.metric_code
            and beside.amount_yuan is not null
    where figure.amount_yuan is not null and (printed.beside is null or beside.document_id is not null)
),

-- A total and its components in one place of the prose; once for the amounts, once for the changes on last year.
stated as (
    select
        'narrative_sum' as finding_code,
        *,
        amount_yuan as stated_yuan,
        amount_printed as stated_printed,
        amount_unit as stated_unit,
        amount_scale as stated_scale,
        half_digit as stated_half_digit
    from figure
    where amount_yuan is not null
    union all
    select
        'narrative_change_sum' as finding_code,
        *,
        delta_yuan as stated_yuan,
        concat(change_word_printed, change_printed) as stated_printed,
        coalesce({{ printed_unit('change_printed') }}, figure_unit) as stated_unit,
        change_scale as stated_scale,
        {{ half_last_digit('delta_yuan', 'change_scale', 'figure_unit') }} as stated_half_digit
    from figure
    where delta_yuan is not null and change_printed is not null
),

component as (
    select
        total.finding_code,
        total.fct_narrative_figure_key as fact_key,
        sum_rule.is_required,
        part.figure_no,
        part.metric_code,
        part.stated_yuan,
        part.stated_scale,
        part.stated_half_digit,
        part.source_locator
    from stated as total
    inner join sum_rule on total.metric_code = sum_rule.total_code
    inner join stated as part
        on
            total.document_id = part.document_id
            and total.source_locator = part.source_locator
            and total.figure_year = part.figure_year
            and coalesce(total.phase, '') = coalesce(part.phase, '')
            and total.finding_code = part.finding_code
            and sum_rule.part_code = part.metric_code
            and (total.finding_code = 'narrative_sum' or total.compared_with_year = part.compared_with_year)
    left join stated as forbidden
        on
            total.document_id = forbidden.document_id
            and total.source_locator = forbidden.source_locator
            and total.figure_year = forbidden.figure_year
            and total.finding_code = forbidden.finding_code
            and sum_rule.unless = forbidden.metric_code
    where forbidden.document_id is null
),

required as (
    select
        total_code,
        count(*) as required_count
    from sum_rule
    where is_required = 'yes'
    group by total_code
),

components as (
    select
        finding_code,
        fact_key,
        cast(sum(stated_yuan) as decimal(38, 2)) as b_yuan,
        cast(sum(stated_half_digit) as decimal(38, 8)) as b_half_digit,
        max(stated_scale) as b_scale,
        max(source_locator) as b_locator,
        sum(case when is_required = 'yes' then 1 else 0 end) as required_count
    from component
    group by finding_code, fact_key
    -- A metric that is stated twice in one place is no list of components.
    having count(*) = count(distinct metric_code)
),

-- "…20万元；…12.345678万元，共计32.345678万元": the total at the end of a list of amounts.
list_total as (
    select *
    from figure
    where
        amount_yuan is not null
        and (
            metric_code = 'project_total'
            or {{ rx_matches(remove_white_space('metric_printed'), '^(?:资金)?(?:共计|合计|总计|总计金额|合计金额)$') }}
        )
),

listed as (
    select
        total.fct_narrative_figure_key as fact_key,
        cast(sum(part.amount_yuan) as decimal(38, 2)) as b_yuan,
        cast(sum(part.half_digit) as decimal(38, 8)) as b_half_digit,
        max(part.amount_scale) as b_scale,
        max(part.source_locator) as b_locator
    from list_total as total
    inner join figure as part
        on
            total.document_id = part.document_id
            and total.source_locator = part.source_locator
            and total.figure_no > part.figure_no
            and part.metric_code is null
            and (part.amount_yuan is not null or part.change_printed is not null)
            -- A total above the list is no part of it.
            and not {{ rx_matches(remove_white_space('part.metric_printed'), '总预算|总额|总计|合计') }}
    group by total.fct_narrative_figure_key
    -- Where a name of the list reads as a change ("增长30万元"), the list is not known in full.
    having
        count(*) >= 2
        and count(distinct part.metric_printed) = count(*)
        and count(part.amount_yuan) = count(*)
),

-- "项目共4个，涉及项目预算资金598.46万元。其中：…418.80万元，…": behind the total as many amounts as it counts projects.
counted_total as (
    select
        total.*,
        counted.figure_value as project_count
    from figure as total
    inner join figure as counted
        on
            total.document_id = counted.document_id
            and total.source_locator = counted.source_locator
            and total.figure_no = counted.figure_no + 1
    where total.metric_code = 'project_list' and counted.figure_unit = '个' and counted.metric_printed like '%项目'
),

listed_behind as (
    select
        total.fct_narrative_figure_key as fact_key,
        {{ compared_sum('part.figure_no', yuan='part.amount_yuan', scale='part.amount_scale',
                        half_digit='part.half_digit', locator='part.source_locator') }}
    from counted_total as total
    inner join figure as part
        on
            total.document_id = part.document_id
            and total.source_locator = part.source_locator
            and total.figure_no < part.figure_no
    where part.metric_code is null and part.amount_yuan is not null
    group by total.fct_narrative_figure_key, total.project_count
    having count(*) = total.project_count and count(distinct part.metric_printed) = count(*)
),

summary_row as (
    select
        *,
        row_number() over (
            partition by document_id order by length(summary_locator) nulls last, summary_locator nulls last
        ) as summary_row_no
    from {{ new_rows(ref('fct_project_evaluation')) }}
    where match_kind <> 'form'
),

summary as (
    select
        document_id,
        count(*) as row_count,
        count(summary_amount_yuan) as amount_count,
        cast(sum(summary_amount_yuan) as decimal(38, 2)) as amount_yuan,
        cast(
            sum({{ half_last_digit(
                'summary_amount_yuan', printed_scale('summary_amount_printed'), 'summary_amount_unit'
            ) }}) as decimal(38, 8)
        ) as half_digit,
        max(cast({{ printed_scale('summary_amount_printed') }} as integer)) as amount_scale,
        count(summary_score) as score_count,
        cast(sum(summary_score) as decimal(18, 4)) as score_sum,
        cast(sum(summary_score) as double) / nullif(count(summary_score), 0) as mean_score,
        {{ locator_span('summary_locator', 'summary_row_no') }} as source_locator
    from summary_row
    group by document_id
),

-- The prose that counts the projects of the summary speaks of all of them.
about_all_projects as (
    select distinct
        figure.document_id,
        figure.source_locator
    from figure
    inner join summary on figure.document_id = summary.document_id
    where figure.metric_code = 'project_count' and figure.figure_value = summary.row_count
),

compared as (
    select * from against_table
    union all
    select
        components.finding_code,
        total.document_id,
        total.fct_narrative_figure_key as fact_key,
        total.metric_printed as subject,
        cast(null as string) as note,
        total.stated_printed as a_printed,
        total.stated_unit as a_unit,
        total.stated_scale as a_scale,
        total.stated_yuan as a_yuan,
        total.source_locator as a_locator,
        cast(null as string) as b_printed,
        greatest(total.stated_scale, components.b_scale) as b_scale,
        components.b_yuan,
        components.b_half_digit,
        components.b_locator
    from components
    inner join stated as total
        on components.fact_key = total.fct_narrative_figure_key and components.finding_code = total.finding_code
    inner join required
        on total.metric_code = required.total_code and components.required_count = required.required_count
    union all
    select
        'narrative_list_sum' as finding_code,
        total.document_id,
        total.fct_narrative_figure_key as fact_key,
        total.metric_printed as subject,
        cast(null as string) as note,
        total.amount_printed as a_printed,
        total.amount_unit as a_unit,
        total.amount_scale as a_scale,
        total.amount_yuan as a_yuan,
        total.source_locator as a_locator,
        cast(null as string) as b_printed,
        greatest(total.amount_scale, listed.b_scale) as b_scale,
        listed.b_yuan,
        listed.b_half_digit,
        listed.b_locator
    from list_total as total
    inner join listed on total.fct_narrative_figure_key = listed.fact_key
    union all
    select
        'narrative_list_sum' as finding_code,
        total.document_id,
        total.fct_narrative_figure_key as fact_key,
        total.metric_printed as subject,
        cast(null as string) as note,
        total.amount_printed as a_printed,
        total.amount_unit as a_unit,
        total.amount_scale as a_scale,
        total.amount_yuan as a_yuan,
        total.source_locator as a_locator,
        cast(null as string) as b_printed,
        greatest(total.amount_scale, listed_behind.b_scale) as b_scale,
        listed_behind.b_yuan,
        listed_behind.b_half_digit,
        listed_behind.b_locator
    from counted_total as total
    inner join listed_behind on total.fct_narrative_figure_key = listed_behind.fact_key
    union all
    select
        'narrative_summary_sum' as finding_code,
        total.document_id,
        total.fct_narrative_figure_key as fact_key,
        total.metric_printed as subject,
        cast(summary.row_count as string) as note,
        total.amount_printed as a_printed,
        total.amount_unit as a_unit,
        total.amount_scale as a_scale,
        total.amount_yuan as a_yuan,
        total.source_locator as a_locator,
        cast(null as string) as b_printed,
        greatest(total.amount_scale, summary.amount_scale) as b_scale,
        summary.amount_yuan as b_yuan,
        summary.half_digit as b_half_digit,
        summary.source_locator as b_locator
    from list_total as total
    inner join summary
        on total.document_id = summary.document_id and summary.amount_count = summary.row_count
    inner join about_all_projects
        on
            total.document_id = about_all_projects.document_id
            and total.source_locator = about_all_projects.source_locator
),

completed as (
    select
        *,
        cast(null as integer) as form_no,
        'fct_narrative_figure' as fact_table,
        true as is_complete
    from compared
),

-- The mean of the scores: cut off after its last digit it is as near as rounded, so one whole last digit is tolerated.
mean_score as (
    select
        'narrative_mean_score' as finding_code,
        figure.document_id,
        cast(null as integer) as form_no,
        'fct_narrative_figure' as fact_table,
        figure.fct_narrative_figure_key as fact_key,
        figure.metric_printed as subject,
        concat({{ print_number('summary.score_sum') }}, ' / ', cast(summary.score_count as string)) as note,
        figure.figure_unit as value_unit,
        figure.amount_printed as a_printed,
        cast(figure.figure_value as decimal(28, 6)) as a_number,
        figure.source_locator as a_locator,
        cast(null as string) as b_printed,
        cast(
            {{ round_to('summary.mean_score', '2 + figure.amount_scale') }}
            as decimal(28, 6)
        ) as b_number,
        cast(2 + figure.amount_scale as integer) as b_scale,
        summary.source_locator as b_locator,
        cast(power(10, -figure.amount_scale) as decimal(28, 6)) as tolerance,
        true as is_complete
    from figure
    inner join summary
        on figure.document_id = summary.document_id and summary.score_count = summary.row_count
    where
        figure.metric_code = 'average_score'
        -- A mean that is rounded as usual is no finding.
        and {{ round_to('summary.mean_score', 'figure.amount_scale') }}
        <> cast(figure.figure_value as decimal(28, 8))
),

project_count as (
    select
        figure.*,
        summary.row_count,
        summary.source_locator as summary_locator
    from figure
    inner join summary on figure.document_id = summary.document_id
    inner join figure as beside
        on
            figure.document_id = beside.document_id
            and figure.source_locator = beside.source_locator
            and beside.metric_code = 'average_score'
    where figure.metric_code = 'project_count' and figure.figure_value <> summary.row_count
),

in_unit as (
    select
        *,
        {{ amounts_in_unit(cut_off="finding_code = 'narrative_against_table'") }}
    from completed
)

select {{ finding_of_numbers() }}
from in_unit
where a_number <> b_number and not (finding_code = 'narrative_against_table' and {{ is_rounded_print() }})
union all
select {{ finding_of_numbers() }}
from mean_score
where a_number <> b_number
union all
select
    {{ finding_columns(
        code="'narrative_project_count'",
        outcome="'contradiction'",
        subject='metric_printed',
        fact_table="'fct_narrative_figure'",
        fact_key='fct_narrative_figure_key',
        form_no='null',
        value_a='amount_printed',
        value_b='row_count',
        value_unit="'个'",
        difference='figure_value - row_count',
        locator_a='source_locator',
        locator_b='summary_locator'
    ) }}
from project_count
