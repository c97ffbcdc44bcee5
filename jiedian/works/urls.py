from django.urls import path

from . import views

urlpatterns = [
    path("payments/notice/", views.payment_notice, name="payment_notice"),
    path("contracts/<str:number>/<int:text_id>/", views.contract_text, name="contract_text"),
]
