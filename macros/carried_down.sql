{#- The last printed value at or above a row: what a merged cell says for the rows that it covers. -#}
{% macro carried_down(expr, partition_by, order_by) -%}
    {{ return(adapter.dispatch('carried_down')(expr, partition_by, order_by)) }}
{%- endmacro %}

{% macro default__carried_down(expr, partition_by, order_by) -%}
    last_value({{ expr }} ignore nulls) over (
        partition by {{ partition_by }} order by {{ order_by }} nulls last
        rows between unbounded preceding and current row
    )
{%- endmacro %}

{% macro spark__carried_down(expr, partition_by, order_by) -%}
    last_value({{ expr }}, true) over (
        partition by {{ partition_by }} order by {{ order_by }} nulls last
        rows between unbounded preceding and current row
    )
{%- endmacro %}
