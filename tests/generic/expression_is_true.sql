{#- Fails on every row for which the expression is false; rows where it is null pass, as in a check constraint. -#}
{% test expression_is_true(model, expression) %}
    select *
    from {{ model }}
    where not ({{ expression }})
{% endtest %}
